import { createMachine, runRecordedScenario, runTraffic, SeededSchedule, showState, type Machine, type TrafficResult } from '@irqchip/machine';
import type { BootOptions } from './args.ts';
import { readTree } from './board-file.ts';
import { readConsumers } from './consumers-file.ts';
import { Progress } from './progress.ts';
import { report } from './report/json.ts';
import { scenarioReport, stepText } from './report/steps.ts';
import { diagnosticLines, domainTree, isShown, logLine, totalsLine } from './report/text.ts';
import type { Plugins, Terminal } from './run.ts';

/** Boots a board, lets its CPUs talk, and prints what Linux would. Returns the exit status. */
export function bootCommand(options: BootOptions, terminal: Terminal, plugins: Plugins = {}): number {
  const loud = !options.json && !options.quiet;
  const progress = new Progress(terminal, 'IPI traffic');
  const machine = createMachine({
    ...plugins,
    tree: readTree(options.file),
    mode: options.mode,
    linux: options.linux,
    schedule: new SeededSchedule(options.seed),
    ...(options.bootHart === undefined ? {} : { bootHart: options.bootHart }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    ...(options.consumers === undefined ? {} : { consumers: readConsumers(options.consumers) }),
    onStart: (smp) => {
      if (loud) smp.log.watch((record) => { if (isShown(record)) printLine(terminal, progress, logLine(record)); });
    },
  });
  if (loud) terminal.out(`\n${domainTree(machine)}\n`);
  if (options.scenario !== undefined) return scenarioCommand(machine, options, terminal);
  const traffic = machine.smp.cpus.online.weight() > 1 ? letThemTalk(machine, options, terminal, loud ? progress : null) : null;
  const open = machine.smp.diagnostics.open;
  const failed = open.length > 0 || (traffic !== null && !clean(traffic));
  if (options.json) {
    terminal.out(`${JSON.stringify(report(machine, options, traffic), null, 2)}\n`);
  } else {
    terminal.out(`${loud ? '\n' : ''}${machine.procInterrupts()}\n${totalsLine(traffic)}\n`);
  }
  terminal.err(diagnosticLines(open));
  return failed ? 1 : 0;
}

/** Takes the machine through a scenario and prints what it shows after each step. */
function scenarioCommand(machine: Machine, options: BootOptions, terminal: Terminal): number {
  const boot = showState(machine, 'boot');
  const steps = runRecordedScenario(machine, options.scenario!);
  const open = machine.smp.diagnostics.open;
  if (options.json) terminal.out(`${JSON.stringify({ ...report(machine, options, null), ...scenarioReport(boot, steps) }, null, 2)}\n`);
  else for (const step of [boot, ...steps]) terminal.out(`\n${stepText(step, options.quiet)}`);
  terminal.err(diagnosticLines(open));
  return open.length > 0 ? 1 : 0;
}

function printLine(terminal: Terminal, progress: Progress, line: string): void {
  progress.end();
  terminal.out(`${line}\n`);
}

function letThemTalk(machine: Machine, { seed, rounds }: BootOptions, terminal: Terminal, progress: Progress | null): TrafficResult {
  try {
    return runTraffic(machine, { seed, rounds, onRound: (round, of) => progress?.show(round, of) });
  } catch (error) {
    // What went wrong before is likely to be why.
    terminal.err(diagnosticLines(machine.smp.diagnostics.open));
    throw error;
  } finally {
    progress?.end();
  }
}

function clean({ ipis, calls }: TrafficResult): boolean {
  return ipis.lost === 0 && ipis.spurious === 0 && calls.ran === calls.asked;
}
