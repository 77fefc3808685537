import fc from 'fast-check';
import { IrqError } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';
import { type Driver, type Fault, Model, type Prediction, type Way } from './model.ts';

const NR_CPUS = 5;
const ABSENT = 4;
/** Both dynamic ranges, and static slots in every section. */
const SLOTS = [61, 61, 192, 192, 192, 40, 58, 86, 99, 100, 127, 137, 145, 154, 190, 234];
const TARGETS = [0, 0, 0, 236, 236, 236, 1, 40, 61, 82, 83, 143, 144, 148, 154, 192, 193];

interface EditOp { kind: 'remove' | 'addInstance' | 'removeInstance'; which: number; fail: number }

type Op =
  | { kind: 'setup'; slot: number; startup: boolean; teardown: boolean; multi: boolean; fail: number }
  | EditOp
  | { kind: 'up' | 'down'; cpu: number; target: number; fail: number; hook: boolean; refuse: boolean }
  | { kind: 'disable' | 'enable' };

const cpu = fc.nat(NR_CPUS - 1);
const mostly = fc.nat(3).map((n) => n > 0);
const fail = fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(30) });
const operation: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('setup' as const), slot: fc.constantFrom(...SLOTS), startup: mostly, teardown: mostly, multi: fc.boolean(), fail }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'addInstance' as const, 'addInstance' as const, 'addInstance' as const, 'removeInstance' as const), which: fc.nat(30), fail }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('up' as const, 'down' as const), cpu, target: fc.constantFrom(...TARGETS), fail, hook: fc.boolean(), refuse: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('disable' as const, 'enable' as const, 'enable' as const) }) },
);

/** Drives the package and the model with the same operations, and compares after each. */
class Pair {
  readonly bench = new Bench({ nrCpus: NR_CPUS });
  readonly model = new Model(NR_CPUS, ABSENT);
  private readonly nodes = new Map<string, { id: string }>();
  private refuse = false;
  private serial = 0;

  constructor() {
    const { smp, cpuhp } = this.bench;
    const { cpus } = smp;
    cpus.present.clear(ABSENT);
    cpuhp.attach({
      bringup: (cpu) => cpus.runOn(cpu, () => {
        cpus.localIrqDisable();
        cpuhp.notifyCpuStarting(cpu);
        cpus.online.set(cpu);
        cpus.localIrqEnable();
      }),
      cpuDisable: (cpu) => {
        if (this.refuse) throw new IrqError('EOPNOTSUPP', 'not today');
        cpus.online.clear(cpu);
      },
      cpuDead: () => undefined,
    });
  }

  run(op: Op): void {
    const actor = this.model.actor;
    const real = (fn: () => unknown): string => this.bench.smp.cpus.runOn(actor, () => codeOf(fn));
    if (op.kind === 'setup') this.setup(op, real);
    else if (op.kind === 'up' || op.kind === 'down') this.plug(op, real);
    else if (op.kind === 'remove' || op.kind === 'addInstance' || op.kind === 'removeInstance') this.edit(op, real);
    else if (op.kind === 'disable') { real(() => this.bench.cpuhp.cpuHotplugDisable()); this.model.disabled++; }
    else if (this.model.disabled > 0) { real(() => this.bench.cpuhp.cpuHotplugEnable()); this.model.disabled--; }
    this.compareStates();
  }

  private setup(op: Op & { kind: 'setup' }, real: (fn: () => unknown) => string): void {
    const label = `s${this.serial++}`;
    const { bench, model } = this;
    const faultCpu = op.fail >= 0 ? op.fail % 4 : null;
    if (faultCpu !== null) bench.failing.add(`${label}/startup/${faultCpu}`);
    const driver: Driver = { label, startup: op.startup, teardown: op.teardown, instances: op.multi ? [] : null };
    const predicted = model.setup(op.slot, driver, faultCpu);
    let slot = -1;
    const error = real(() => {
      const [startup, teardown] = [op.startup ? bench.startup(label) : null, op.teardown ? bench.teardown(label) : null];
      slot = op.multi ? bench.cpuhp.setupStateMulti(op.slot, label, startup, teardown) : bench.cpuhp.setupState(op.slot, label, startup, teardown);
    });
    this.compare(predicted, error);
    if (error === 'none') expect(slot).toBe([61, 192].includes(op.slot) ? predicted.slot : 0);
    bench.failing.clear();
  }

  private edit(op: EditOp, real: (fn: () => unknown) => string): void {
    const { bench, model } = this;
    const multi = op.kind !== 'remove' && [...model.drivers.values()].some(({ instances }) => instances !== null);
    const slots = [...model.drivers].filter(([, { instances }]) => !multi || instances !== null).map(([slot]) => slot).sort((a, b) => a - b);
    if (slots.length === 0) return;
    const slot = slots[op.which % slots.length]!;
    const driver = model.drivers.get(slot)!;
    if (op.kind === 'remove') {
      const left = (driver.instances ?? []).length > 0;
      this.compare(model.remove(slot), real(() => bench.cpuhp.removeState(slot)));
      expect(bench.smp.diagnostics.take('warn')).toHaveLength(left ? 1 : 0);
    } else if (op.kind === 'addInstance') {
      const id = `i${this.serial++}`;
      const faultCpu = op.fail >= 0 ? op.fail % 4 : null;
      if (faultCpu !== null) bench.failing.add(`${driver.label}.${id}/startup/${faultCpu}`);
      this.nodes.set(id, { id });
      this.compare(model.addInstance(slot, id, faultCpu), real(() => bench.cpuhp.addInstance(slot, this.nodes.get(id)!)));
      bench.failing.clear();
    } else if (driver.instances?.length) {
      const id = driver.instances[op.which % driver.instances.length]!;
      this.compare(model.removeInstance(slot, id), real(() => bench.cpuhp.removeInstance(slot, this.nodes.get(id)!)));
    }
  }

  private plug(op: Op & { kind: 'up' | 'down' }, real: (fn: () => unknown) => string): void {
    const { bench, model } = this;
    const way: Way = op.kind === 'up' ? 'startup' : 'teardown';
    const fault = this.arm(op, way);
    // On the way up the machine could only refuse during a rollback, where nothing may fail.
    this.refuse = op.refuse && op.kind === 'down';
    const predicted = op.kind === 'up' ? model.up(op.cpu, op.target, fault) : model.down(op.cpu, op.target, fault, op.refuse);
    const error = real(() => (op.kind === 'up' ? bench.cpuhp.cpuUp(op.cpu, op.target) : bench.cpuhp.cpuDown(op.cpu, op.target)));
    this.compare(predicted, error);
    this.refuse = false;
    bench.failing.clear();
    bench.cpuhp.setFail(op.cpu, -1);
  }

  /** Chooses a call to fail among those that this operation may make and that are allowed to. */
  private arm(op: Op & { kind: 'up' | 'down' }, way: Way): Fault | null {
    const { bench, model } = this;
    if (op.fail < 0) return null;
    const slots = op.hook ? [1, 83, 143, 147, 148, 149, 235, ...model.drivers.keys()] : [...model.drivers.keys()];
    // A DEAD callback must not fail; a hook on a slot with nothing to call forward would fire in the rollback.
    const candidates = slots.sort((a, b) => a - b).filter((slot) => (
      (op.kind === 'up' || slot > 83) && (!op.hook || (model.canFailByHook(op.cpu, slot) && model.callable(slot, way)))));
    if (candidates.length === 0) return null;
    const slot = candidates[op.fail % candidates.length]!;
    if (op.hook) {
      bench.cpuhp.setFail(op.cpu, slot);
      return { slot, hook: true };
    }
    const { label, instances } = model.drivers.get(slot)!;
    const instance = instances?.[op.fail % instances.length];
    if (instances && instance === undefined) return null;
    bench.failing.add(`${instance === undefined ? label : `${label}.${instance}`}/${way}/${op.cpu}`);
    return instance === undefined ? { slot, hook: false } : { slot, instance, hook: false };
  }

  private compare(predicted: Prediction, error: string): void {
    expect({ calls: this.bench.take(), error }).toEqual({ calls: predicted.calls, error: predicted.error });
  }

  private compareStates(): void {
    const { bench, model } = this;
    expect(model.state.map((_, cpu) => bench.cpuhp.stateOf(cpu))).toEqual(model.state);
    expect([...bench.smp.cpus.online]).toEqual([...model.online].sort((a, b) => a - b));
    const names = bench.cpuhp.states().filter(({ name }) => /^s\d+$/.test(name)).map(({ state, name }) => `${state} ${name}`);
    expect(names).toEqual([...model.drivers].sort(([a], [b]) => a - b).map(([slot, { label }]) => `${slot} ${label}`));
    // Only what the rules allow to be warned about: a STARTING callback that failed while it was set up.
    for (const { message } of bench.smp.diagnostics.take()) expect(message).toMatch(/^STARTING and DYING callbacks must not fail/);
  }
}

test('1,000 random histories do what the rules say, call for call', () => {
  fc.assert(fc.property(fc.array(operation, { minLength: 10, maxLength: 40 }), (ops) => {
    const pair = new Pair();
    for (const op of ops) pair.run({ ...op });
  }), { numRuns: 1000, seed: 20240618 });
}, 120_000);
