import type { Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { Invoker, Outcome } from './invoke.ts';
import type { StateNumbers } from './states.ts';
import type { Steps } from './steps.ts';

const NO_STATE = -1;

/** Moves CPUs along the states, forwards and back. Everything here runs under the hotplug lock. */
export class Walker {
  constructor(
    private readonly smp: Smp,
    private readonly numbers: StateNumbers,
    private readonly steps: Steps,
    private readonly invoker: Invoker,
  ) {}

  /**
   * The next state with something to call on the way to `target`, or -1. `st.state` moves ahead of the call, as if it had
   * been made. @kernel cpuhp_next_state
   */
  private next(st: CpuState, bringup: boolean, target: number): number {
    while (bringup ? st.state < target : st.state > target) {
      const state = bringup ? ++st.state : st.state--;
      if (!this.steps.isEmpty(bringup, state)) return state;
    }
    return NO_STATE;
  }

  /** Calls one state after the other on the running CPU, up to the first failure. @kernel cpuhp_invoke_callback_range */
  range(st: CpuState, bringup: boolean, target: number): Outcome {
    for (let state = this.next(st, bringup, target); state !== NO_STATE; state = this.next(st, bringup, target)) {
      const failed = this.invoker.invoke(st, state, bringup);
      if (failed) return failed;
    }
    return null;
  }

  /**
   * The STARTING/DYING form: a failure is logged, and the walk goes on. What the line names is where the CPU stands, which
   * on the way down is already one below the state that failed. @kernel cpuhp_invoke_callback_range_nofail
   */
  rangeNofail(st: CpuState, bringup: boolean, target: number): void {
    for (let state = this.next(st, bringup, target); state !== NO_STATE; state = this.next(st, bringup, target)) {
      const failed = this.invoker.invoke(st, state, bringup);
      if (failed) {
        this.smp.log.warn(`CPU ${st.cpu} ${bringup ? 'UP' : 'DOWN'} state ${this.steps.nameOf(st.state)} (${st.state}) failed (${failed.errno})`);
      }
    }
  }

  /** Control CPU: up to `target`, and back to where it began if a state fails. @kernel cpuhp_up_callbacks */
  up(st: CpuState, target: number): Outcome {
    const before = st.state;
    const failed = this.range(st, true, target);
    if (failed) {
      this.debugFailure('UP', st, failed);
      st.reset(before);
      this.mustNotFail(this.range(st, false, before));
    }
    return failed;
  }

  /** Control CPU: down to `target`, and back up if a state refuses. @kernel cpuhp_down_callbacks */
  down(st: CpuState, target: number): Outcome {
    const before = st.state;
    const failed = this.range(st, false, target);
    if (failed) {
      this.debugFailure('DOWN', st, failed);
      st.reset(before);
      if (st.state < before) this.mustNotFail(this.range(st, true, before));
    }
    return failed;
  }

  /** Lets the CPU's own thread walk to `target`, and back again if a state fails. @kernel cpuhp_kick_ap */
  kickAp(st: CpuState, target: number): Outcome {
    const before = st.set(target);
    const failed = this.runThread(st);
    if (failed) {
      st.reset(before);
      this.runThread(st);
    }
    return failed;
  }

  /** The same, as the control CPU's trace shows it. @kernel cpuhp_kick_ap_work */
  kickApWork(st: CpuState): Outcome {
    const before = st.state;
    this.invoker.trace?.enter(st.cpu, st.target, before, 'cpuhp_kick_ap_work');
    const failed = this.kickAp(st, st.target);
    this.invoker.trace?.exit(st.cpu, st.state, before, failed?.errno ?? 0);
    return failed;
  }

  /** The hotplug thread `cpuhp/%u`: one state after the other until `st.target` or a failure. @kernel cpuhp_thread_fun */
  runThread(st: CpuState): Outcome {
    for (let state = this.next(st, st.bringup, st.target); state !== NO_STATE; state = this.next(st, st.bringup, st.target)) {
      const failed = this.onThread(st, state, st.bringup, null, true);
      if (failed) {
        this.smp.diagnostics.warnOnce(st.rollback, `Rollback of CPU${st.cpu} failed: ${failed.message}`);
        return failed;
      }
    }
    return null;
  }

  /**
   * Calls one state outside a walk, when it is installed or removed: on the CPU's thread or, for PREPARE states, on the
   * caller. Success without a call if the CPU is not online or there is nothing to call. @kernel cpuhp_issue_call
   */
  issueCall(st: CpuState, state: number, bringup: boolean, node: unknown): Outcome {
    if (this.steps.isEmpty(bringup, state)) return null;
    if (!this.numbers.isAp(state)) return this.invoker.invoke(st, state, bringup, node);
    if (!this.smp.cpus.online.test(st.cpu)) return null;
    st.rollback = false;
    st.last = null;
    st.bringup = bringup;
    return this.onThread(st, state, bringup, node, false);
  }

  private onThread(st: CpuState, state: number, bringup: boolean, node: unknown, resumable: boolean): Outcome {
    if (!this.numbers.isAtomic(state)) return this.withIrqsOn(st, state, bringup, node, resumable);
    const { cpus, diagnostics } = this.smp;
    return cpus.runOn(st.cpu, () => {
      const flags = cpus.localIrqSave();
      try {
        const failed = this.invoker.invoke(st, state, bringup, node, resumable);
        diagnostics.warnOnce(failed !== null, `STARTING and DYING callbacks must not fail: ${failed?.message}`);
        return failed;
      } finally {
        cpus.localIrqRestore(flags);
      }
    });
  }

  private withIrqsOn(st: CpuState, state: number, bringup: boolean, node: unknown, resumable: boolean): Outcome {
    const { cpus } = this.smp;
    // Early in boot the caller is the boot CPU itself, and its interrupts stay as they are.
    const ownThread = cpus.current !== st.cpu;
    return cpus.runOn(st.cpu, () => {
      const switchOn = ownThread && cpus.irqsDisabled();
      if (switchOn) cpus.localIrqEnable();
      try {
        return this.invoker.invoke(st, state, bringup, node, resumable);
      } finally {
        if (switchOn) cpus.localIrqDisable();
      }
    });
  }

  private mustNotFail(failed: Outcome): void {
    this.smp.diagnostics.warnOn(failed !== null, `A callback failed during rollback, and the CPU stays half way: ${failed?.message}`);
  }

  private debugFailure(way: 'UP' | 'DOWN', st: CpuState, failed: NonNullable<Outcome>): void {
    this.smp.log.debug(`CPU ${way} failed (${failed.errno}) CPU ${st.cpu} state ${this.steps.nameOf(st.state)} (${st.state})`);
  }
}
