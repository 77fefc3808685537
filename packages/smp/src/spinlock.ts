import type { LockPort } from './memory.ts';
import type { Smp } from './smp.ts';

/**
 * A lock whose holder is known, so that what lockdep would report is reported: taken twice on one CPU, unlocked by another,
 * taken with interrupts on although a hard interrupt takes it too, or inside a lock that is elsewhere taken inside it.
 * @kernel raw_spinlock_t
 */
export class Spinlock {
  private owner = -1;
  private takenInHardirq = false;
  private takenWithIrqsOn = false;
  /** What its holder had taken before and not yet released. */
  private outer: Spinlock | null = null;

  private readonly port: LockPort | null;

  constructor(private readonly smp: Smp, readonly name: string) {
    this.port = smp.memory.lockPort?.(name) ?? null;
  }

  /** Whether some CPU holds it. @kernel raw_spin_is_locked */
  get locked(): boolean { return this.owner >= 0; }

  /** Waits for the lock. Any context. @kernel raw_spin_lock, spin_lock */
  lock(): void {
    const { cpus, lockOrder } = this.smp;
    const { innermost } = lockOrder;
    const cpu = cpus.current;
    if (cpus.inHardirq()) this.takenInHardirq = true;
    if (!cpus.irqsDisabled()) this.takenWithIrqsOn = true;
    if (this.takenWithIrqsOn && this.takenInHardirq) this.reportMixed();
    if (this.owner >= 0 && this.isTaken(cpu)) return;
    const outer = innermost[cpu]!;
    if (outer !== null) lockOrder.nest(cpu, outer, this);
    if (this.owner >= 0) this.wait();
    if (this.port !== null) this.port.take();
    this.owner = cpu;
    this.outer = outer;
    innermost[cpu] = this;
  }

  /** @kernel raw_spin_unlock, spin_unlock */
  unlock(): void {
    const { owner, smp } = this;
    const { innermost } = smp.lockOrder;
    if (owner !== smp.cpus.current) this.reportForeign();
    this.owner = -1;
    if (owner < 0) return;
    if (this.port !== null) this.port.release();
    if (innermost[owner] === this) innermost[owner] = this.outer;
    else this.unlinkFrom(innermost[owner]!);
    this.outer = null;
  }

  /** @kernel raw_spin_lock_irqsave, spin_lock_irqsave */
  lockIrqsave(): boolean {
    const flags = this.smp.cpus.localIrqSave();
    this.lock();
    return flags;
  }

  /** @kernel raw_spin_unlock_irqrestore, spin_unlock_irqrestore */
  unlockIrqrestore(flags: boolean): void {
    if (!this.smp.cpus.irqsDisabled()) this.reportIrqsOn();
    this.unlock();
    this.smp.cpus.localIrqRestore(flags);
  }

  /** Its name, and those of the locks that its holder took before it and still holds, latest first, as far as `end`; null when `end` is not among them. */
  namesUpTo(end: Spinlock | null): string[] | null {
    const names: string[] = [];
    let at: Spinlock | null = this;
    for (; at !== null && at !== end; at = at.outer) names.push(at.name);
    return at === end ? names : null;
  }

  private unlinkFrom(innermost: Spinlock | null): void {
    let inner = innermost;
    while (inner !== null && inner.outer !== this) inner = inner.outer;
    if (inner !== null) inner.outer = this.outer;
  }

  private wait(): void {
    this.smp.cpus.waitUntil(() => this.owner < 0, `lock ${this.name}, held by CPU${this.owner}`);
  }

  /** Whether this CPU holds it already, which is reported. */
  private isTaken(cpu: number): boolean {
    if (this.owner !== cpu) return false;
    this.smp.diagnostics.report('lock-order', `CPU${cpu} takes ${this.name}, which it holds already.`);
    return true;
  }

  private reportMixed(): void {
    this.smp.diagnostics.report('lock-order', `${this.name} is taken in hard irq context, and elsewhere with interrupts on: an interrupt between would deadlock. Use lockIrqsave().`);
    this.takenWithIrqsOn = false;
  }

  private reportForeign(): void {
    this.smp.diagnostics.report('lock-order', `CPU${this.smp.cpus.current} unlocks ${this.name}, which ${this.owner < 0 ? 'nobody' : `CPU${this.owner}`} holds.`);
  }

  /** @kernel warn_bogus_irq_restore */
  private reportIrqsOn(): void {
    this.smp.diagnostics.report('context', `${this.name} is released with interrupts on, and was taken with lockIrqsave(): what ran under it, a chip's callback perhaps, switched them on.`);
  }
}
