import { serviceToken, type ServiceToken, type Smp } from '@irqchip/smp';

/** One timer that runs on one CPU, whoever starts it. @kernel timer_list */
export class LocalTimer {
  /** When it fires, in ns; Infinity while it is not started. */
  expiresNs: number = Infinity;

  constructor(readonly cpu: number, readonly fn: () => void, private readonly arm: (expiresNs: number) => void) {}

  /** @kernel timer_pending */
  get pending(): boolean { return this.expiresNs !== Infinity; }

  /** Starts it unless it is started. Any context. @kernel add_timer_on */
  start(expiresNs: number): void {
    if (this.pending) return;
    this.expiresNs = expiresNs;
    this.arm(expiresNs);
  }

  /** @kernel try_to_del_timer_sync */
  stop(): void { this.expiresNs = Infinity; }
}

/**
 * The pinned kernel timers of one machine's drivers. They fire by the machine's clock; with a clock that cannot call back,
 * whoever moves time calls {@link run} after each step, and {@link nextNs} says how far the step may go.
 */
export class LocalTimers {
  private readonly timers: LocalTimer[] = [];

  constructor(private readonly smp: Smp) {}

  /** A stopped timer that calls `fn` on `cpu`, with interrupts on. @kernel timer_setup */
  create(cpu: number, fn: () => void): LocalTimer {
    const { clock } = this.smp;
    const timer = new LocalTimer(cpu, fn, (expiresNs) => clock.at?.(expiresNs, () => this.run()));
    this.timers.push(timer);
    return timer;
  }

  /** Forgets a timer. */
  remove(timer: LocalTimer): void {
    const index = this.timers.indexOf(timer);
    if (index >= 0) this.timers.splice(index, 1);
  }

  /** When the next one fires, in ns; Infinity when none is started. */
  get nextNs(): number {
    return this.timers.reduce((next, { expiresNs }) => Math.min(next, expiresNs), Infinity);
  }

  /** Fires what is due, each on its own CPU. Returns how many did. @kernel run_local_timers */
  run(): number {
    const due = this.timers.filter(({ expiresNs }) => expiresNs <= this.smp.clock.nowNs());
    for (const timer of due) {
      timer.stop();
      this.smp.cpus.runOn(timer.cpu, timer.fn);
    }
    return due.length;
  }
}

/** The machine's {@link LocalTimers} in the container. */
export const LOCAL_TIMERS: ServiceToken<LocalTimers> = serviceToken<LocalTimers>('drivers-aia', 'LocalTimers');
