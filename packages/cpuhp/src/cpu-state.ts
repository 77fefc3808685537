import type { Cpus } from '@irqchip/smp';
import { CPUHP_INVALID } from './states.ts';

/** Where one CPU stands in the state machine. @kernel cpuhp_cpu_state */
export class CpuState {
  state: number;
  target: number;
  /** The state whose next callback fails with EAGAIN. */
  fail: number = CPUHP_INVALID;
  bringup = false;
  rollback = false;
  /** Multi-instance: the instance that failed; the rollback of its state stops before it. */
  last: unknown = null;
  /** The state of which `last` is an instance. */
  lastState: number = CPUHP_INVALID;
  /** The CPU itself has been through the STARTING section. */
  alive = false;
  /** Its hotplug thread has been created. */
  thread = false;

  constructor(private readonly cpus: Cpus, readonly cpu: number, state: number) {
    this.state = state;
    this.target = state;
    this.thread = state > 0;
  }

  /** Aims at `target`; returns where the CPU was. @kernel cpuhp_set_state */
  set(target: number): number {
    const before = this.state;
    this.rollback = false;
    this.last = null;
    this.lastState = CPUHP_INVALID;
    this.target = target;
    this.turn(before < target);
    return before;
  }

  /**
   * Turns round after a failure, aiming at where the walk began. The state that failed is not undone, unless some of its
   * instances had succeeded. @kernel cpuhp_reset_state
   */
  reset(before: number): void {
    this.target = before;
    if (this.rollback) return;
    this.rollback = true;
    if (this.last === null) this.state += this.bringup ? -1 : 1;
    this.turn(!this.bringup);
  }

  private turn(bringup: boolean): void {
    this.bringup = bringup;
    if (bringup) this.cpus.dying.clear(this.cpu);
    else this.cpus.dying.set(this.cpu);
  }
}
