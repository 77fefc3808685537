import { Spinlock, type MmioRegion, type Smp } from '@irqchip/smp';
import type { PlicPriv } from './priv.ts';
import { PLIC } from './registers.ts';

/** One CPU's context of a PLIC: its enables, its threshold and its claim register. @kernel plic_handler */
export class PlicHandler {
  /** Offset of the register that claims and completes. */
  readonly claim: number;
  /** What the enable words were last written to. */
  readonly enableSave: Int32Array;
  private readonly regs: MmioRegion;
  private readonly enableBase: number;
  private readonly threshold: number;
  private readonly enableLock: Spinlock;

  /** @param context - position in `interrupts-extended`. @throws IrqError `ENOMEM`. */
  constructor(smp: Smp, readonly plic: PlicPriv, context: number) {
    smp.faults.check('plic_handler');
    const base = PLIC.CONTEXT + PLIC.CONTEXT_STRIDE * context;
    this.regs = plic.regs;
    this.claim = base + PLIC.CLAIM;
    this.threshold = base + PLIC.THRESHOLD;
    this.enableBase = PLIC.ENABLE + PLIC.ENABLE_STRIDE * context;
    this.enableSave = new Int32Array(plic.groups);
    this.enableLock = new Spinlock(smp, 'enable_lock');
  }

  /** Sources up to this priority do not notify the CPU. @kernel plic_set_threshold */
  setThreshold(threshold: number): void { this.regs.writel(this.threshold, threshold); }

  /** Whether the hardware delivers `hwirq` here. */
  isEnabled(hwirq: number): boolean {
    return (this.regs.readl(this.enableBase + 4 * (hwirq >>> 5)) & (1 << (hwirq & 31))) !== 0;
  }

  /** Any context, any CPU: the lock keeps the word whole. @kernel plic_toggle */
  toggle(hwirq: number, on: boolean): void {
    const group = hwirq >>> 5;
    const offset = this.enableBase + 4 * group;
    const flags = this.enableLock.lockIrqsave();
    const old = this.regs.readl(offset);
    const value = on ? old | (1 << (hwirq & 31)) : old & ~(1 << (hwirq & 31));
    this.enableSave[group] = value;
    this.regs.writel(offset, value);
    this.enableLock.unlockIrqrestore(flags);
  }

  /** Switches sources 1 to `last` off. */
  disableAll(last: number): void {
    for (let group = 0; 32 * group <= last && group < this.enableSave.length; group++) {
      const beyond = last - 32 * group >= 31 ? 0 : -2 << (last - 32 * group);
      const offset = this.enableBase + 4 * group;
      const flags = this.enableLock.lockIrqsave();
      const value = this.regs.readl(offset) & (group === 0 ? beyond | 1 : beyond);
      this.enableSave[group] = value;
      this.regs.writel(offset, value);
      this.enableLock.unlockIrqrestore(flags);
    }
  }

  /** Writes back what was enabled before the controller lost its state. */
  restore(): void {
    const flags = this.enableLock.lockIrqsave();
    for (let group = 0; group < this.enableSave.length; group++) this.regs.writel(this.enableBase + 4 * group, this.enableSave[group]!);
    this.enableLock.unlockIrqrestore(flags);
  }

  /**
   * A claim for cores that must not claim while several sources are pending: all but the lowest are off meanwhile.
   * Hard irq, interrupts off. Returns 0 when nothing is left.
   * @kernel cp100_get_hwirq
   */
  claimIsolated(): number {
    this.enableLock.lock();
    const group = this.isolate();
    const hwirq = group < 0 ? 0 : this.regs.readl(this.claim);
    for (let i = 0; group >= 0 && i < this.enableSave.length; i++) {
      if (i === group || this.enableSave[i] !== 0) this.regs.writelRelaxed(this.enableBase + 4 * i, this.enableSave[i]!);
    }
    this.enableLock.unlock();
    return hwirq;
  }

  /** Leaves one pending source enabled; returns the word it is in, -1 without any. @kernel cp100_isolate_pending_irq */
  private isolate(): number {
    const { enableSave, regs } = this;
    let group = 0;
    let pending = 0;
    for (; group < enableSave.length; group++) {
      if (enableSave[group] === 0) continue;
      pending = enableSave[group]! & regs.readlRelaxed(PLIC.PENDING + 4 * group);
      if (pending !== 0) break;
    }
    if (pending === 0) return -1;
    for (let i = 0; i < enableSave.length; i++) {
      const only = i === group ? pending & -pending : 0;
      if (enableSave[i] !== only) regs.writelRelaxed(this.enableBase + 4 * i, only);
    }
    return group;
  }
}
