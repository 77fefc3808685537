import { createMachine, runTraffic, SeededSchedule, type Machine, type TrafficResult } from '@irqchip/machine';
import type { BootOptions } from './args.ts';
import { readTree } from './board-file.ts';
import { Progress } from './progress.ts';
import { report } from './report/json.ts';
import { diagnosticLines, domainTree, logLine, totalsLine } from './report/text.ts';
import type { Terminal } from './run.ts';

/** Boots a board, lets its CPUs talk, and prints what Linux would. Returns the exit status. */
export function bootCommand(options: BootOptions, terminal: Terminal): number {
  const loud = !options.json && !options.quiet;
  const machine = createMachine({
    tree: readTree(options.file),
    mode: options.mode,
    linux: options.linux,
    schedule: new SeededSchedule(options.seed),
    ...(options.bootHart === undefined ? {} : { bootHart: options.bootHart }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    onStart: (smp) => {
      if (loud) smp.log.watch((record) => terminal.out(`${logLine(record)}\n`));
    },
  });
  if (loud) terminal.out(`\n${domainTree(machine)}\n`);
  const traffic = machine.smp.cpus.online.weight() > 1 ? letThemTalk(machine, options, terminal, loud) : null;
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

function letThemTalk(machine: Machine, { seed, rounds }: BootOptions, terminal: Terminal, loud: boolean): TrafficResult {
  const progress = new Progress(terminal, 'IPI traffic');
  try {
    return runTraffic(machine, { seed, rounds, onRound: (round, of) => { if (loud) progress.show(round, of); } });
  } finally {
    progress.end();
  }
}

function clean({ ipis, calls }: TrafficResult): boolean {
  return ipis.lost === 0 && ipis.spurious === 0 && calls.ran === calls.asked;
}
