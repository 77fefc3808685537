/**
 * A second description of CPU hotplug, for random tests: written as "which calls must be seen, in which order", from the
 * documented rules and without a look at how the package works. Linux 7.2 numbers. Nothing here calls back: the model
 * predicts what an operation does, and the test compares.
 */

const LAST_PREPARE = 83;
const LAST_ATOMIC = 141;
const TEARDOWN = 143;
const IDLE = 144;
const TOP = 236;

export type Way = 'startup' | 'teardown';

/** What occupies a slot. */
export interface Driver {
  label: string;
  startup: boolean;
  teardown: boolean;
  /** Null: a plain state. Else its instances, newest first. */
  instances: string[] | null;
}

/** The one call of an operation that shall fail: by throwing EIO, or through the fail hook with EAGAIN. */
export interface Fault { slot: number; instance?: string; hook: boolean }

export interface Prediction { calls: string[]; error: string }

/** Core states with something to call: slot → ways. What they do is not written down. */
const CORE: ReadonlyMap<number, readonly Way[]> = new Map([
  [1, ['startup']], [82, ['startup']], [83, ['startup', 'teardown']], [87, ['startup', 'teardown']], [143, ['teardown']], [147, ['teardown']],
  [148, ['startup', 'teardown']], [149, ['startup']], [235, ['startup', 'teardown']],
]);
const CORE_NAMED = new Set([0, 1, 82, 83, 84, 85, 87, 142, 143, 147, 148, 149, 235, 236]);
const CANNOT_REST = new Set([1, 83, 85, 143]);

const isAtomic = (slot: number): boolean => slot > LAST_PREPARE && slot <= LAST_ATOMIC;
const opposite = (way: Way): Way => (way === 'startup' ? 'teardown' : 'startup');

export class Model {
  readonly drivers = new Map<number, Driver>();
  readonly state: number[];
  readonly online: Set<number> = new Set([0]);
  disabled = 0;
  private calls: string[] = [];

  constructor(readonly nrCpus: number, readonly absent: number) {
    this.state = Array.from({ length: nrCpus }, (_, cpu) => (cpu === 0 ? TOP : 0));
  }

  /** Who acts: the first online CPU. */
  get actor(): number { return Math.min(...this.online); }

  named(slot: number): boolean { return CORE_NAMED.has(slot) || this.drivers.has(slot); }
  canRest(slot: number): boolean { return this.named(slot) && !CANNOT_REST.has(slot); }

  canFailByHook(cpu: number, slot: number): boolean {
    if (slot < 0 || slot > TOP || isAtomic(slot)) return false;
    if (slot <= LAST_PREPARE && this.state[cpu]! > LAST_PREPARE) return false;
    return this.has(slot, 'startup') || this.has(slot, 'teardown');
  }

  setup(slotOrRange: number, driver: Driver, faultCpu: number | null): Prediction & { slot: number } {
    let slot = slotOrRange;
    const end = slot === 192 ? 232 : slot === 61 ? 81 : slot;
    while (slot <= end && this.named(slot)) slot++;
    if (slot > end) return { calls: [], error: end > slotOrRange ? 'ENOSPC' : 'EBUSY', slot: 0 };
    this.drivers.set(slot, driver);
    if (!driver.startup || driver.instances) return { calls: [], error: 'none', slot };
    const result = this.onAllUp(slot, driver.label, faultCpu, driver.teardown);
    if (result.error !== 'none') this.drivers.delete(slot);
    return { ...result, slot };
  }

  remove(slot: number): Prediction {
    const driver = this.drivers.get(slot)!;
    const calls = driver.teardown && !driver.instances
      ? this.qualifying(slot).map((cpu) => this.line(slot, driver.label, 'teardown', cpu, this.actor)) : [];
    this.drivers.delete(slot);
    return { calls, error: 'none' };
  }

  addInstance(slot: number, id: string, faultCpu: number | null): Prediction {
    const driver = this.drivers.get(slot)!;
    if (!driver.instances) return { calls: [], error: 'EINVAL' };
    const result = driver.startup ? this.onAllUp(slot, `${driver.label}.${id}`, faultCpu, driver.teardown) : { calls: [], error: 'none' };
    if (result.error === 'none') driver.instances.unshift(id);
    return result;
  }

  removeInstance(slot: number, id: string): Prediction {
    const driver = this.drivers.get(slot)!;
    driver.instances = driver.instances!.filter((other) => other !== id);
    if (!driver.teardown) return { calls: [], error: 'none' };
    return { calls: this.qualifying(slot).map((cpu) => this.line(slot, `${driver.label}.${id}`, 'teardown', cpu, this.actor)), error: 'none' };
  }

  up(cpu: number, target: number, fault: Fault | null): Prediction {
    this.calls = [];
    const error = this.upError(cpu, target) ?? this.climb(cpu, target, fault);
    return { calls: this.calls, error };
  }

  down(cpu: number, target: number, fault: Fault | null, machineRefuses: boolean): Prediction {
    this.calls = [];
    const error = this.downError(cpu, target) ?? this.descend(cpu, target, fault, machineRefuses);
    return { calls: this.calls, error };
  }

  private upError(cpu: number, target: number): string | null {
    if (!this.canRest(target)) return 'EINVAL';
    if (this.disabled) return 'EBUSY';
    return cpu === this.absent ? 'EINVAL' : null;
  }

  private downError(cpu: number, target: number): string | null {
    if (!this.canRest(target)) return 'EINVAL';
    if (this.disabled) return 'EBUSY';
    if (this.online.size === 1) return 'EBUSY';
    if (cpu === this.absent) return 'EINVAL';
    return this.state[cpu]! < target ? 'EINVAL' : null;
  }

  private climb(cpu: number, target: number, fault: Fault | null): string {
    const origin = this.state[cpu]!;
    const control = this.actor;
    if (origin >= target) return 'none';
    for (let slot = origin + 1; slot <= Math.min(target, LAST_PREPARE); slot++) {
      const error = this.step(slot, 'startup', cpu, control, fault);
      if (error === 'none') continue;
      this.unwind(slot - 1, origin, 'teardown', cpu, control);
      return error;
    }
    if (target <= LAST_PREPARE) return this.rest(cpu, target);
    if (origin <= LAST_PREPARE) {
      for (let slot = LAST_PREPARE + 1; slot <= LAST_ATOMIC; slot++) this.step(slot, 'startup', cpu, control, fault);
      this.online.add(cpu);
    }
    for (let slot = Math.max(origin, IDLE) + 1; slot <= target; slot++) {
      const error = this.step(slot, 'startup', cpu, control, fault);
      if (error === 'none') continue;
      this.unwind(slot - 1, origin, 'teardown', cpu, control);
      if (origin <= LAST_PREPARE) this.online.delete(cpu);
      return error;
    }
    return this.rest(cpu, target);
  }

  private descend(cpu: number, target: number, fault: Fault | null, machineRefuses: boolean): string {
    const origin = this.state[cpu]!;
    const control = [...this.online].filter((other) => other !== cpu).sort((a, b) => a - b)[0]!;
    for (let slot = origin; slot > Math.max(target, LAST_PREPARE); slot--) {
      let error = this.step(slot, 'teardown', cpu, control, fault);
      if (isAtomic(slot)) continue;
      if (slot === TEARDOWN && error === 'none' && machineRefuses) error = 'EOPNOTSUPP';
      if (error !== 'none') {
        for (let again = slot + 1; again <= origin; again++) this.step(again, 'startup', cpu, control, null);
        return error;
      }
      if (slot === TEARDOWN) this.online.delete(cpu);
    }
    this.unwind(Math.min(origin, LAST_PREPARE), target, 'teardown', cpu, control);
    return this.rest(cpu, target);
  }

  private rest(cpu: number, state: number): string {
    this.state[cpu] = state;
    return 'none';
  }

  private unwind(from: number, to: number, way: Way, cpu: number, control: number): void {
    for (let slot = from; slot > to; slot--) this.step(slot, way, cpu, control, null);
  }

  /** One state of a walk, with the undoing of its own instances. */
  private step(slot: number, way: Way, cpu: number, control: number, fault: Fault | null): string {
    const faulty = fault?.slot === slot ? fault : null;
    if (!this.has(slot, way)) return 'none';
    if (faulty?.hook) return 'EAGAIN';
    const driver = this.drivers.get(slot);
    if (!driver) return 'none';
    const done: string[] = [];
    for (const who of driver.instances?.map((id) => `${driver.label}.${id}`) ?? [driver.label]) {
      this.calls.push(this.line(slot, who, way, cpu, control));
      if (faulty && (faulty.instance === undefined || who.endsWith(`.${faulty.instance}`))) {
        if (this.has(slot, opposite(way))) for (const undo of done) this.calls.push(this.line(slot, undo, opposite(way), cpu, control));
        return 'EIO';
      }
      done.push(who);
    }
    return 'none';
  }

  private onAllUp(slot: number, who: string, faultCpu: number | null, teardown: boolean): Prediction {
    const calls: string[] = [];
    const cpus = this.qualifying(slot);
    for (const cpu of cpus) {
      calls.push(this.line(slot, who, 'startup', cpu, this.actor));
      if (cpu !== faultCpu) continue;
      if (teardown) for (const before of cpus.filter((other) => other < cpu)) calls.push(this.line(slot, who, 'teardown', before, this.actor));
      return { calls, error: 'EIO' };
    }
    return { calls, error: 'none' };
  }

  private qualifying(slot: number): number[] {
    return this.state.flatMap((state, cpu) => (
      state >= slot && cpu !== this.absent && (slot <= LAST_PREPARE || this.online.has(cpu)) ? [cpu] : []));
  }

  /** Whether a walk in this direction calls anything at `slot`. */
  callable(slot: number, way: Way): boolean { return this.has(slot, way); }

  private has(slot: number, way: Way): boolean {
    return this.drivers.get(slot)?.[way] ?? CORE.get(slot)?.includes(way) ?? false;
  }

  private line(slot: number, who: string, way: Way, cpu: number, control: number): string {
    return `${who} ${way} ${cpu} on ${slot <= LAST_PREPARE ? control : cpu}${isAtomic(slot) ? ' irqs off' : ''}`;
  }
}
