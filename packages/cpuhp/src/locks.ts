import { IrqError, type Smp } from '@irqchip/smp';

/**
 * The three locks of CPU hotplug, in the order in which they nest: `cpu_add_remove_lock`, `cpu_hotplug_lock` (read to
 * register, write to plug), `cpuhp_state_mutex`. A wait that could never end is reported as `lock-order` and refused.
 */
export class HotplugLocks {
  /** How many callbacks are running, one inside another. */
  callbacks = 0;
  private maps = false;
  private writer = -1;
  private readers = 0;
  private readonly readersOf: Uint16Array;

  constructor(private readonly smp: Smp) {
    this.readersOf = new Uint16Array(smp.cpus.nrCpuIds);
  }

  /** @kernel cpus_read_lock */
  readLock(what = 'cpus_read_lock()'): void {
    this.mayWait(what);
    const cpu = this.smp.cpus.current;
    if (this.writer === cpu) this.refuse(`${what} on CPU${cpu}, which holds cpu_hotplug_lock for writing: release that first.`);
    if (this.readersOf[cpu]! > 0) {
      this.smp.diagnostics.report('lock-order', `${what} takes cpu_hotplug_lock, which CPU${cpu} holds for reading: a writer between the two would deadlock. Use the Cpuslocked form.`);
    }
    if (this.writer >= 0) this.smp.cpus.waitUntil(() => this.writer < 0, 'cpu_hotplug_lock');
    this.readersOf[cpu]!++;
    this.readers++;
  }

  /** @kernel cpus_read_unlock */
  readUnlock(): void {
    const cpu = this.smp.cpus.current;
    if (this.readersOf[cpu] === 0) {
      this.smp.diagnostics.report('lock-order', `cpus_read_unlock() on CPU${cpu}, which does not hold cpu_hotplug_lock for reading.`);
      return;
    }
    this.readersOf[cpu]!--;
    this.readers--;
  }

  /** @kernel cpus_write_lock */
  writeLock(what = 'cpus_write_lock()'): void {
    this.mayWait(what);
    this.takeWrite(what);
  }

  /** @kernel cpus_write_unlock */
  writeUnlock(): void {
    if (this.writer < 0) this.smp.diagnostics.report('lock-order', 'cpus_write_unlock(), but nobody holds cpu_hotplug_lock for writing.');
    this.writer = -1;
  }

  /** Whether the running code may rely on no CPU coming or going. @kernel lockdep_is_cpus_held */
  get cpusHeld(): boolean {
    return this.writer >= 0 || this.callbacks > 0 || this.readersOf[this.smp.cpus.current]! > 0;
  }

  /** @kernel lockdep_assert_cpus_held */
  assertCpusHeld(what: string): void {
    if (!this.cpusHeld) this.smp.diagnostics.report('lock-order', `${what} needs cpu_hotplug_lock; take cpusReadLock() around it.`);
  }

  /** Runs `fn` with the hotplug lock held for reading. */
  reading<T>(what: string, fn: () => T): T {
    this.readLock(what);
    try { return fn(); } finally { this.readUnlock(); }
  }

  /** Runs `fn` with the hotplug lock held for writing; inside {@link plugging}. */
  writing<T>(what: string, fn: () => T): T {
    this.takeWrite(what);
    try { return fn(); } finally { this.writeUnlock(); }
  }

  /** Runs `fn` with the state table locked: only a callback could find it so. Under the hotplug lock. @kernel cpuhp_state_mutex */
  changing<T>(what: string, fn: () => T): T {
    this.refuseInCallback(what);
    return fn();
  }

  /** Runs `fn` with the CPU maps locked. @kernel cpu_maps_update_begin */
  plugging<T>(what: string, fn: () => T): T {
    this.mayWait(what);
    if (this.maps) this.refuse(`${what} needs cpu_add_remove_lock, which is held.`);
    this.maps = true;
    try { return fn(); } finally { this.maps = false; }
  }

  private takeWrite(what: string): void {
    const cpu = this.smp.cpus.current;
    if (this.writer === cpu || this.readersOf[cpu]! > 0) this.refuse(`${what} on CPU${cpu}, which holds cpu_hotplug_lock already: release that first.`);
    if (this.writer >= 0 || this.readers > 0) this.smp.cpus.waitUntil(() => this.writer < 0 && this.readers === 0, 'cpu_hotplug_lock');
    this.writer = cpu;
  }

  private mayWait(what: string): void {
    // A STARTING callback has interrupts off too, but what is wrong there is the lock.
    this.refuseInCallback(what);
    this.smp.mightSleep(what);
  }

  private refuseInCallback(what: string): void {
    if (this.callbacks > 0) this.refuse(`${what} inside a hotplug callback waits for ever: the walk that called back holds the lock. Register before or after, not from within.`);
  }

  private refuse(message: string): never {
    this.smp.diagnostics.report('lock-order', message);
    throw new IrqError('EDEADLK', message);
  }
}
