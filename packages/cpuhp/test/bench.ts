import { readFileSync } from 'node:fs';
import { IrqError, Smp } from '@irqchip/smp';
import { CpuHotplug, type CpuHotplugOptions } from '@irqchip/cpuhp';

/** A machine whose callbacks write down who they are, for which CPU, on which CPU, and whether interrupts were off. */
export class Bench {
  readonly smp: Smp;
  readonly cpuhp: CpuHotplug;
  readonly calls: string[] = [];
  /** Keys `label/startup/cpu` of calls that fail with EIO after they were written down. */
  readonly failing = new Set<string>();

  constructor({ nrCpus = 4, ...options }: CpuHotplugOptions & { nrCpus?: number } = {}) {
    this.smp = new Smp({ nrCpus });
    this.cpuhp = new CpuHotplug(this.smp, options);
  }

  startup(label: string): (cpu: number, node?: unknown) => void { return this.callback(label, 'startup'); }
  teardown(label: string): (cpu: number, node?: unknown) => void { return this.callback(label, 'teardown'); }

  private callback(label: string, way: string): (cpu: number, node?: unknown) => void {
    return (cpu, node) => {
      const { cpus } = this.smp;
      const who = node === undefined ? label : `${label}.${(node as { id: string }).id}`;
      this.calls.push(`${who} ${way} ${cpu} on ${cpus.current}${cpus.irqsDisabled() ? ' irqs off' : ''}`);
      if (this.failing.has(`${who}/${way}/${cpu}`)) throw new IrqError('EIO', `${who} has no ${way} today`);
    };
  }

  /** What was called since the last time. */
  take(): string[] { return this.calls.splice(0); }
}

/** Code of the IrqError that `fn` throws; 'none' if it throws nothing. */
export function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return 'none';
}

/** A file recorded from Linux on QEMU, see testdata/README.md. */
export function recorded(path: string): string {
  return readFileSync(new URL(`../../../testdata/linux/${path}`, import.meta.url), 'utf8');
}

/** `236: online` lines as pairs. */
export function parseStates(text: string): { state: number; name: string }[] {
  return text.trimEnd().split('\n').map((line) => {
    const [, state, name] = /^ *(\d+): (.*)$/.exec(line)!;
    return { state: Number(state), name: name! };
  });
}
