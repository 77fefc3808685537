import {
  allocDescs, Genirq, type GenirqOptions, IRQ_SET_MASK, type IrqAffinityDesc, type IrqChip, IRQD, type IrqData,
  type IrqDesc,
} from '@irqchip/irqdesc';
import { CpuMask, IrqError, Smp, type Errno } from '@irqchip/smp';
import { dataUpdateEffectiveAffinity } from '../src/affinity/effective.ts';

/** A chip that goes to the first CPU of the mask and notes every call. */
export class FakeChip implements IrqChip {
  readonly name = 'fake';
  readonly flags: number;
  readonly calls: string[] = [];
  /** Errors for the next calls of irqSetAffinity, first one first; null lets one pass. */
  readonly failures: (Errno | null)[] = [];
  result: number = IRQ_SET_MASK.OK;
  updates = true;

  constructor(flags = 0) {
    this.flags = flags;
  }

  irqMask(): void { this.calls.push('mask'); }
  irqUnmask(): void { this.calls.push('unmask'); }

  irqSetAffinity(data: IrqData, dest: CpuMask, force: boolean): number {
    this.calls.push(`affinity ${dest.toList()}${force ? ' force' : ''}`);
    const failure = this.failures.shift() ?? null;
    if (failure !== null) throw new IrqError(failure, 'the fake chip was told to fail');
    if (this.updates) dataUpdateEffectiveAffinity(data, CpuMask.of(dest.size, dest.first()));
    return this.result;
  }
}

export interface Bench { smp: Smp; genirq: Genirq; chip: FakeChip; desc: IrqDesc; irq: number; mask(...cpus: number[]): CpuMask }

/** Four CPUs, all online, and one started interrupt of a {@link FakeChip}. */
export function bench({ flags = 0, affinity = null, ...options }: GenirqOptions & { flags?: number; affinity?: IrqAffinityDesc | null } = {}): Bench {
  const smp = new Smp({ nrCpus: 4 });
  for (let cpu = 1; cpu < 4; cpu++) smp.cpus.online.set(cpu);
  const genirq = new Genirq(smp, options);
  const irq = allocDescs(genirq, -1, 1, 1, -1, affinity ? [affinity] : null);
  const desc = genirq.irqToDesc(irq)!;
  const chip = new FakeChip(flags);
  desc.irqData.chip = chip;
  desc.common.state &= ~(IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED);
  desc.common.state |= IRQD.ACTIVATED | IRQD.IRQ_STARTED;
  desc.depth = 0;
  return { smp, genirq, chip, desc, irq, mask: (...cpus) => new CpuMask(4, cpus) };
}

/** Runs `fn` as `cpu` with interrupts off. */
export function irqsOff<T>({ smp }: Bench, cpu: number, fn: () => T): T {
  return smp.cpus.runOn(cpu, () => {
    const flags = smp.cpus.localIrqSave();
    try {
      return fn();
    } finally {
      smp.cpus.localIrqRestore(flags);
    }
  });
}

export function has(desc: IrqDesc, bit: number): boolean {
  return (desc.common.state & bit) !== 0;
}

/** The code of the IrqError that `fn` throws; undefined when it does not throw. */
export function codeOf(fn: () => unknown): Errno | undefined {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return undefined;
}
