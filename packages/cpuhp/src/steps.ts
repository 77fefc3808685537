import { IrqError, type Smp } from '@irqchip/smp';
import type { StateNumbers } from './states.ts';
import type { CpuhpStateEntry } from './types.ts';

/** Single or multi-instance callback, as stored. */
export type StepCallback = (cpu: number, node?: unknown) => void;

/** @kernel cpuhp_step */
export interface Step {
  /** Null: the slot is free. */
  name: string | null;
  startup: StepCallback | null;
  teardown: StepCallback | null;
  multi: boolean;
  /** A CPU cannot rest in this state. */
  cantStop: boolean;
  /** Instances, the newest first. */
  instances: unknown[];
}

const emptyStep = (): Step => ({ name: null, startup: null, teardown: null, multi: false, cantStop: false, instances: [] });

/** The table of states of one machine. @kernel cpuhp_hp_states */
export class Steps {
  private readonly table: Step[];

  constructor(private readonly smp: Smp, private readonly numbers: StateNumbers) {
    this.table = Array.from({ length: numbers.online + 1 }, emptyStep);
  }

  /** @kernel cpuhp_get_step */
  get(state: number): Step { return this.table[state]!; }

  /** Nothing to call in that direction. @kernel cpuhp_step_empty */
  isEmpty(bringup: boolean, state: number): boolean {
    const step = this.table[state]!;
    return (bringup ? step.startup : step.teardown) === null;
  }

  /** `foo:online`, or what printk makes of a missing name. */
  nameOf(state: number): string { return this.table[state]?.name ?? '(null)'; }

  /**
   * Puts callbacks into a slot, for a dynamic range into its first free one.
   * @returns the number of the slot.
   * @throws IrqError `ENOSPC` if the dynamic range is full, `EBUSY` if the static slot is taken.
   * @kernel cpuhp_store_callbacks
   */
  store(state: number, name: string, startup: StepCallback | null, teardown: StepCallback | null, multi: boolean): number {
    const slot = this.reserve(state, name);
    const step = this.table[slot]!;
    if (step.name !== null) {
      throw new IrqError('EBUSY', `Hotplug state ${slot} is taken by '${step.name}'; '${name}' needs another state, or the owner must remove its own first.`);
    }
    Object.assign(step, { name, startup, teardown, multi, instances: [] });
    return slot;
  }

  clear(state: number): void {
    Object.assign(this.table[state]!, { name: null, startup: null, teardown: null, multi: false, instances: [] });
  }

  /** Named states, ascending. */
  entries(): CpuhpStateEntry[] {
    return this.table.flatMap(({ name }, state) => (name === null ? [] : [{ state, name }]));
  }

  /** @kernel cpuhp_reserve_state */
  private reserve(state: number, name: string): number {
    const end = this.numbers.dynamicEnd(state);
    if (end < 0) return state;
    for (let slot = state; slot <= end; slot++) if (this.table[slot]!.name === null) return slot;
    this.smp.diagnostics.warnOn(true, 'No more dynamic states available for CPU hotplug');
    throw new IrqError('ENOSPC', `All ${end - state + 1} dynamic hotplug states from ${state} on are taken; '${name}' found no slot. Is something registering again and again?`);
  }
}
