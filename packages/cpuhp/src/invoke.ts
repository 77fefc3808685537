import { IrqError, type Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { HotplugLocks } from './locks.ts';
import { CPUHP_INVALID } from './states.ts';
import type { Step, StepCallback, Steps } from './steps.ts';
import type { CpuhpTrace } from './types.ts';

/** A callback's failure, with where it happened. */
export class StepError extends IrqError {}

/** What a step of the walk returns: null for success. */
export type Outcome = StepError | null;

/** `imsicStartingCpu` → `imsic_starting_cpu`; a function without a name goes by its state's. */
function symbolOf(callback: StepCallback, step: Step): string {
  return callback.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) || (step.name ?? '(null)');
}

/** Calls the callbacks of one state, in the context that the caller has set up. */
export class Invoker {
  trace: CpuhpTrace | null = null;

  constructor(private readonly smp: Smp, private readonly steps: Steps, private readonly locks: HotplugLocks) {}

  /**
   * Calls a state's callback: for a multi-instance state that of `node`, or without one of every instance in list order.
   * @param resumable - the CPU's own thread: it remembers the instance that failed and undoes the others itself. Others undo at once.
   * @kernel cpuhp_invoke_callback
   */
  invoke(st: CpuState, state: number, bringup: boolean, node: unknown = null, resumable = false): Outcome {
    if (st.fail === state) {
      st.fail = CPUHP_INVALID;
      return this.failure(st, state, bringup, new IrqError('EAGAIN', 'failure injected through the fail hook.'));
    }
    const step = this.steps.get(state);
    const callback = bringup ? step.startup : step.teardown;
    if (this.smp.diagnostics.warnOnce(callback === null, `Hotplug state ${state} has nothing to call.`)) return null;
    if (!step.multi || node !== null) return this.call(st, state, bringup, callback!, node);
    return this.callAll(st, state, bringup, callback!, resumable);
  }

  private callAll(st: CpuState, state: number, bringup: boolean, callback: StepCallback, resumable: boolean): Outcome {
    const { instances } = this.steps.get(state);
    for (let i = 0; i < instances.length; i++) {
      if (resumable && st.lastState === state && instances[i] === st.last) break;
      const failed = this.call(st, state, bringup, callback, instances[i]);
      if (!failed) continue;
      if (resumable) Object.assign(st, { last: instances[i], lastState: state });
      else this.undo(st, state, bringup, i);
      return failed;
    }
    if (resumable) Object.assign(st, { last: null, lastState: CPUHP_INVALID });
    return null;
  }

  /** Takes back the first `count` instances. */
  private undo(st: CpuState, state: number, bringup: boolean, count: number): void {
    const step = this.steps.get(state);
    const callback = bringup ? step.teardown : step.startup;
    if (callback === null) return;
    for (let i = 0; i < count; i++) {
      const failed = this.call(st, state, !bringup, callback, step.instances[i]);
      this.smp.diagnostics.warnOnce(failed !== null, `Rollback of hotplug state ${state} failed: ${failed?.message}`);
    }
  }

  private call(st: CpuState, state: number, bringup: boolean, callback: StepCallback, node: unknown): Outcome {
    // A tracepoint is silent on a CPU that is not online, whatever it runs.
    const traced = this.trace !== null && this.smp.cpus.online.test(this.smp.cpus.current);
    if (traced) this.traceEnter(st, state, callback, node);
    let failed: Outcome = null;
    const off = this.smp.cpus.irqsDisabled();
    this.locks.callbacks++;
    try {
      if (node === null) callback(st.cpu);
      else callback(st.cpu, node);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      failed = this.failure(st, state, bringup, error);
    } finally {
      this.locks.callbacks--;
    }
    if (this.smp.cpus.irqsDisabled() !== off) this.restoreIrqs(st, state, off);
    if (traced) this.trace?.exit(st.cpu, st.state, state, failed?.errno ?? 0);
    return failed;
  }

  /** The callbacks after this one rely on what the section promises. */
  private restoreIrqs(st: CpuState, state: number, off: boolean): void {
    const { cpus, diagnostics } = this.smp;
    diagnostics.report('context', `CPU${st.cpu}: a callback of hotplug state ${state} (${this.steps.nameOf(state)}) was called with interrupts ${off ? 'off and left them on' : 'on and left them off'}.`);
    if (off) cpus.localIrqDisable();
    else cpus.localIrqEnable();
  }

  private traceEnter(st: CpuState, state: number, callback: StepCallback, node: unknown): void {
    const symbol = symbolOf(callback, this.steps.get(state));
    if (node === null) this.trace?.enter(st.cpu, st.target, state, symbol);
    else this.trace?.multiEnter(st.cpu, st.target, state, symbol);
  }

  private failure(st: CpuState, state: number, bringup: boolean, error: IrqError): StepError {
    if (error instanceof StepError) return error;
    const what = `CPU${st.cpu}: ${bringup ? 'startup' : 'teardown'} of state ${state} (${this.steps.nameOf(state)}) failed with ${error.code}`;
    return new StepError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}
