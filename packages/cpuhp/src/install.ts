import { IrqError, type Smp } from '@irqchip/smp';
import type { CpuState } from './cpu-state.ts';
import type { Outcome } from './invoke.ts';
import type { HotplugLocks } from './locks.ts';
import type { CpuhpStateName, StateNumbers } from './states.ts';
import type { StepCallback, Steps } from './steps.ts';
import type { Walker } from './walk.ts';

/** What is to be put into a slot, and how. */
export interface Setup {
  readonly state: CpuhpStateName | number;
  readonly name: string;
  readonly startup: StepCallback | null;
  readonly teardown: StepCallback | null;
  /** Call the startup on CPUs that are past the state. */
  readonly invoke: boolean;
  readonly multi: boolean;
}

/** Puts states into the table and takes them out, with the calls that this needs on CPUs that are up already. */
export class Installer {
  constructor(
    private readonly smp: Smp,
    private readonly numbers: StateNumbers,
    private readonly steps: Steps,
    private readonly walker: Walker,
    private readonly locks: HotplugLocks,
    private readonly states: readonly CpuState[],
  ) {}

  /** The caller holds the hotplug lock. @kernel __cpuhp_setup_state_cpuslocked */
  setup({ state, name, startup, teardown, invoke, multi }: Setup): number {
    const number = this.checked(state);
    if (!name) throw new IrqError('EINVAL', `Hotplug state ${state} needs a name such as 'mux8:starting'.`);
    return this.locks.changing(`Setting up hotplug state '${name}'`, () => {
      const slot = this.steps.store(number, name, startup, teardown, multi);
      const failed = invoke ? this.startAll(slot, null) : null;
      if (failed) {
        this.steps.clear(slot);
        throw failed;
      }
      return this.numbers.dynamicEnd(number) >= 0 ? slot : 0;
    });
  }

  /** @kernel __cpuhp_state_add_instance_cpuslocked */
  addInstance(state: CpuhpStateName | number, node: unknown, invoke: boolean): void {
    const number = this.checkedMulti(state);
    if (node === null || node === undefined) throw new IrqError('EINVAL', `Hotplug state ${number}: an instance is an object, not ${node}.`);
    this.locks.changing(`Adding an instance to hotplug state ${number}`, () => {
      const failed = invoke ? this.startAll(number, node) : null;
      if (failed) throw failed;
      this.steps.get(number).instances.unshift(node);
    });
  }

  /** @kernel __cpuhp_state_remove_instance */
  removeInstance(state: CpuhpStateName | number, node: unknown, invoke: boolean): void {
    const number = this.checkedMulti(state);
    const { instances } = this.steps.get(number);
    if (!instances.includes(node)) throw new IrqError('EINVAL', `Hotplug state ${number} has no such instance: it was never added, or it is gone already.`);
    this.locks.changing(`Removing an instance of hotplug state ${number}`, () => {
      if (invoke) this.stopAll(number, node, this.smp.cpus.nrCpuIds);
      instances.splice(instances.indexOf(node), 1);
    });
  }

  /** @kernel __cpuhp_remove_state_cpuslocked */
  remove(state: CpuhpStateName | number, invoke: boolean): void {
    const number = this.checked(state);
    this.locks.changing(`Removing hotplug state ${number}`, () => {
      const { multi, instances } = this.steps.get(number);
      this.smp.diagnostics.warnOn(multi && instances.length > 0, `Error: Removing state ${number} which has instances left.`);
      if (!multi && invoke) this.stopAll(number, null, this.smp.cpus.nrCpuIds);
      this.steps.clear(number);
    });
  }

  /** Startup on every present CPU that is at or past the state; on a failure, teardown on the CPUs before. */
  private startAll(state: number, node: unknown): Outcome {
    const { present } = this.smp.cpus;
    for (let cpu = present.first(); cpu < present.size; cpu = present.next(cpu)) {
      const st = this.states[cpu]!;
      if (st.state < state) continue;
      const failed = this.walker.issueCall(st, state, true, node);
      if (!failed) continue;
      this.stopAll(state, node, cpu);
      return failed;
    }
    return null;
  }

  /** Teardown on the present CPUs below `end` that are at or past the state. Nobody could undo a failure here. @kernel cpuhp_rollback_install */
  private stopAll(state: number, node: unknown, end: number): void {
    const { present } = this.smp.cpus;
    for (let cpu = present.first(); cpu < end; cpu = present.next(cpu)) {
      const st = this.states[cpu]!;
      const failed = st.state >= state ? this.walker.issueCall(st, state, false, node) : null;
      if (!failed) continue;
      this.smp.diagnostics.report('bug', `kernel BUG: teardown must not fail when a hotplug state is taken out. ${failed.message}`);
      throw failed;
    }
  }

  /** @kernel cpuhp_cb_check */
  private checked(state: CpuhpStateName | number): number {
    const number = this.numbers.of(state);
    if (number > 0 && number < this.numbers.online) return number;
    throw new IrqError('EINVAL', `Hotplug state ${state} cannot have callbacks: states 1 to ${this.numbers.online - 1} can.`);
  }

  private checkedMulti(state: CpuhpStateName | number): number {
    const number = this.checked(state);
    if (this.steps.get(number).multi) return number;
    throw new IrqError('EINVAL', `Hotplug state ${number} (${this.steps.nameOf(number)}) is not multi-instance; set it up with setupStateMulti(), and pass on the number that it returned.`);
  }
}
