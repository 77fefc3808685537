import type { ScenarioStep } from '@irqchip/machine';

/** A step as text: what was written and what came of it, then each file under a line with its name; debugfs only when not `quiet`. */
export function stepText({ name, writes, interrupts, irqs, domains }: ScenarioStep, quiet: boolean): string {
  const debugfs = quiet ? [] : [...named('domains', domains), ...named('irqs', irqs)];
  const files = [['/proc/interrupts', interrupts], ...debugfs] as const;
  return [`--- ${name}\n`, ...writes.map((line) => `${line}\n`), ...files.map(([file, text]) => `==> ${file} <==\n${text}\n`)].join('');
}

/** What `--json` has more with a scenario. */
export function scenarioReport(boot: ScenarioStep, steps: readonly ScenarioStep[]): object {
  const writes = (name: string): readonly string[] => steps.find((step) => step.name === name)?.writes ?? [];
  return { boot: stepData(boot), steps: steps.map(stepData), setaff1: writes('aff1'), inject: writes('inject') };
}

/** A step as plain data: maps become objects. */
function stepData({ name, writes, interrupts, irqs, domains, procIrq, sysKernelIrq }: ScenarioStep): object {
  const plain = (files: ReadonlyMap<string, string>): object => Object.fromEntries(files);
  return { name, interrupts, irqs: plain(irqs), domains: plain(domains), procIrq: plain(procIrq), sysKernelIrq: plain(sysKernelIrq), writes };
}

function named(folder: string, files: ReadonlyMap<string, string>): (readonly [string, string])[] {
  return [...files].map(([name, text]) => [`${folder}/${name}`, text] as const);
}
