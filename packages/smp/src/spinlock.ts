import type { Smp } from './smp.ts';

/**
 * A lock whose holder is known, so that what lockdep would report is reported: taken twice on one CPU, unlocked by another,
 * or taken with interrupts on although a hard interrupt takes it too.
 * @kernel raw_spinlock_t
 */
export class Spinlock {
  private owner = -1;
  private takenInHardirq = false;
  private takenWithIrqsOn = false;

  constructor(private readonly smp: Smp, readonly name: string) {}

  /** Whether some CPU holds it. @kernel raw_spin_is_locked */
  get locked(): boolean { return this.owner >= 0; }

  /** Waits for the lock. Any context. @kernel raw_spin_lock */
  lock(): void {
    const { cpus, diagnostics } = this.smp;
    const cpu = cpus.current;
    if (cpus.inHardirq()) this.takenInHardirq = true;
    else if (!cpus.irqsDisabled()) this.takenWithIrqsOn = true;
    if (this.takenInHardirq && this.takenWithIrqsOn) {
      diagnostics.report('lock-order', `${this.name} is taken in hard irq context, and elsewhere with interrupts on: an interrupt between would deadlock. Use lockIrqsave().`);
      this.takenWithIrqsOn = false;
    }
    if (this.owner === cpu) diagnostics.report('lock-order', `CPU${cpu} takes ${this.name}, which it holds already.`);
    else if (this.owner >= 0) cpus.waitUntil(() => this.owner < 0, `lock ${this.name}, held by CPU${this.owner}`);
    this.owner = cpu;
  }

  /** @kernel raw_spin_unlock */
  unlock(): void {
    const cpu = this.smp.cpus.current;
    if (this.owner !== cpu) this.smp.diagnostics.report('lock-order', `CPU${cpu} unlocks ${this.name}, which ${this.owner < 0 ? 'nobody' : `CPU${this.owner}`} holds.`);
    this.owner = -1;
  }

  /** @kernel raw_spin_lock_irqsave */
  lockIrqsave(): boolean {
    const flags = this.smp.cpus.localIrqSave();
    this.lock();
    return flags;
  }

  /** @kernel raw_spin_unlock_irqrestore */
  unlockIrqrestore(flags: boolean): void {
    this.unlock();
    this.smp.cpus.localIrqRestore(flags);
  }
}
