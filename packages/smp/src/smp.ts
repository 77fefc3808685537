import { Cpus } from './cpus.ts';
import { Diagnostics } from './diagnostics.ts';
import { AllocFaults } from './faults.ts';
import { LocalMemory } from './local-memory.ts';
import { LockOrder } from './lock-order.ts';
import { Log } from './log.ts';
import type { Memory } from './memory.ts';
import { serviceToken, type ServiceToken } from './token.ts';

/** Simulated time. */
export interface Clock {
  /** ns since power-on. @kernel ktime_get */
  nowNs(): number;
  /** Calls `fn` once when time reaches `ns` (absolute); returns how to cancel. A clock without it is driven by its owner. */
  at?(ns: number, fn: () => void): () => void;
}

export interface SmpOptions {
  /** How many CPU numbers there are, 1 to 4,096. */
  nrCpus: number;
  /** Default: {@link LocalMemory}. */
  memory?: Memory;
  /** Default: a clock that stands at 0. */
  clock?: Clock;
}

/**
 * How far a machine has come. `SYSTEM_BOOTING` until tasks can be scheduled, `SYSTEM_SCHEDULING` while the other CPUs and the devices come up,
 * then `SYSTEM_RUNNING`.
 * @kernel system_states
 */
export type SystemState = 'SYSTEM_BOOTING' | 'SYSTEM_SCHEDULING' | 'SYSTEM_RUNNING';

/** What every room of one machine shares: its CPUs, memory, time, log, diagnostics and fault injection. */
export class Smp {
  readonly cpus: Cpus;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly log: Log;
  readonly diagnostics: Diagnostics;
  readonly lockOrder: LockOrder;
  readonly faults: AllocFaults = new AllocFaults();
  /** Moved on by whoever boots the machine; without anybody who does, it runs from the start. @kernel system_state */
  systemState: SystemState = 'SYSTEM_RUNNING';

  constructor({ nrCpus, memory = new LocalMemory(), clock = { nowNs: () => 0 } }: SmpOptions) {
    const cpus = new Cpus(nrCpus, () => this.enabledEarly());
    this.cpus = cpus;
    this.memory = memory;
    this.clock = clock;
    this.log = new Log(() => clock.nowNs());
    this.diagnostics = new Diagnostics(() => cpus.current);
    this.lockOrder = new LockOrder(nrCpus, this.diagnostics);
  }

  /**
   * Says that `what` may sleep, as taking a mutex or waiting for a handler does: a `context` finding in hard irq context, with interrupts
   * off, or while a spinlock is held. While the system is booting there is nothing to switch to, so nothing sleeps, and nothing is found.
   * @kernel might_sleep
   */
  mightSleep(what: string): void {
    if (this.systemState === 'SYSTEM_BOOTING') return;
    const { cpus, diagnostics, lockOrder } = this;
    const cpu = cpus.current;
    const held = lockOrder.innermost[cpu];
    let where: string;
    if (cpus.inHardirq()) where = 'in hard irq context';
    else if (cpus.irqsDisabled()) where = 'with interrupts off';
    else if (held) where = `while ${held.name} is held`;
    else return;
    diagnostics.report('context', `${what} may sleep and was called ${where} on CPU${cpu}; call it from a task.`);
  }

  /** As lockdep, only the first time: with interrupts on, every release of a lock would be one more. @kernel lockdep_hardirqs_on_prepare */
  private enabledEarly(): void {
    this.diagnostics.warnOnce(true, `CPU${this.cpus.current} switches interrupts on while early_boot_irqs_disabled: the kernel does so itself once irqchips and timers are there. Use localIrqSave() and localIrqRestore().`);
  }
}

/** The machine's {@link Smp} in the container. */
export const SMP: ServiceToken<Smp> = serviceToken<Smp>('smp', 'Smp');
