import fc from 'fast-check';
import type { Errno } from '@irqchip/smp';
import { Twin } from './state-machine-bench.ts';
import { LAYOUTS, ONLINE } from './state-machine-layout.ts';
import type { Outcome, Registered, Way } from './state-machine-model.ts';

/** CPUs 0 to 3 come and go, 4 is not present, 5 not possible, 6 does not exist. */
const NR_CPUS = 6;
const MACHINE = { absent: [4], impossible: [5] };
const ERRORS: readonly Errno[] = ['EIO', 'ENOMEM', 'EBUSY', 'ENODEV', 'EINVAL'];
const RELEASES = ['6.12', '7.2'] as const;

/** Asked for: both dynamic ranges, free slots of every section, slots of the core, and numbers that are none. */
const SLOTS = [64, 61, 192, 192, 2, 10, 40, 58, 58, 91, 93, 100, 127, 127, 139, 141, 155, 155, 190, 232, 234, 1, 235, 0, ONLINE, -3];
const TARGETS = [0, 0, 0, ONLINE, ONLINE, ONLINE, 10, 40, 61, 62, 82, 155, 192, 193, 235];

interface Op {
  kind: 'setup' | 'multi' | 'remove' | 'addInstance' | 'removeInstance' | 'up' | 'down' | 'target' | 'fail' | 'disable';
  which: number; cpu: number; target: number; calls: boolean; startup: boolean; teardown: boolean; refuse: boolean; caller: number;
  faults: { who: number; instance: number; other: boolean; cpu: number; error: number }[];
}

const often = (weight: number): fc.Arbitrary<boolean> => fc.nat(weight).map((n) => n > 0);
const KINDS = ['setup', 'setup', 'multi', 'remove', 'addInstance', 'addInstance', 'removeInstance', 'up', 'up', 'up', 'up', 'down', 'down', 'down', 'target', 'fail', 'fail', 'disable'] as const;
const operation: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(...KINDS), which: fc.nat(60), cpu: fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6), target: fc.nat(60),
  calls: often(4), startup: often(6), teardown: often(6), refuse: often(12).map((no) => !no), caller: fc.nat(3),
  faults: fc.array(fc.record({ who: fc.nat(30), instance: fc.nat(5), other: often(12).map((no) => !no), cpu: fc.nat(8), error: fc.nat(4) }), { maxLength: 2, size: 'max' }),
});

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(from.length, 1)];

/** What histories went through, so that the test can say that they did. */
interface Seen { steps: number; upFailed: number; downFailed: number; setupFailed: number; logged: number; lost: number; hooked: number; partial: number }

class History {
  readonly twin: Twin;
  private serial = 0;
  constructor(private readonly linux: (typeof RELEASES)[number], private readonly seen: Seen) { this.twin = new Twin(linux, NR_CPUS, MACHINE); }

  step(op: Op): void {
    const { twin } = this;
    this.seen.steps++;
    twin.caller = pick([...twin.model.online].sort((a, b) => a - b), op.caller)!;
    twin.model.refuse = op.refuse ? ERRORS[op.which % ERRORS.length]! : null;
    twin.plan = new Map();
    const hooks = twin.model.fail.filter((slot) => slot >= 0).length;
    const outcome = this.act(op);
    if (outcome) this.count(op, outcome, hooks);
    twin.model.refuse = null;
  }

  private act(op: Op): Outcome | null {
    const { twin } = this;
    const drivers = this.drivers();
    switch (op.kind) {
      case 'setup': case 'multi': return this.setup(op);
      case 'remove': {
        const slot = pick([...drivers.map(([slot]) => slot), 0, 200, ONLINE], op.which)!;
        if (op.cpu === 6) this.arm(op, 'teardown');
        return twin.remove(slot, op.calls);
      }
      case 'addInstance': return this.instance(op, drivers);
      case 'removeInstance': {
        const [slot, who] = pick(drivers.filter(([, { instances }]) => instances !== null || op.cpu === 6), op.which) ?? [];
        if (slot === undefined) return null;
        if (op.cpu === 6) this.arm(op, 'teardown');
        return twin.removeInstance(slot, pick(who!.instances ?? [], op.target) ?? 'nobody', op.calls);
      }
      case 'up': case 'down': case 'target': return this.plug(op);
      case 'fail': return twin.setFail(op.cpu, pick([-1, ...twin.model.slots.keys(), 200], op.which * 7 + op.target)!);
      case 'disable': return twin.model.disabled > 0 ? twin.enable() : op.which % 3 === 0 ? twin.disable() : null;
    }
  }

  private setup(op: Op): Outcome {
    const name = op.which === 60 ? '' : `s${this.serial++}`;
    const who: Registered = { name, startup: op.startup, teardown: op.teardown, instances: op.kind === 'multi' ? [] : null };
    this.twin.plan = new Map(op.faults.filter(({ other }) => !other).map(({ cpu, error }) => [`${name}/startup/${cpu}`, ERRORS[error]!]));
    return this.twin.setup(SLOTS[op.target % SLOTS.length]!, who, op.calls ? 'calls' : 'nocalls');
  }

  private instance(op: Op, drivers: [number, Registered][]): Outcome | null {
    const [slot, who] = pick(drivers.filter(([, { instances }]) => instances !== null || op.cpu === 6), op.which) ?? [];
    if (slot === undefined) return null;
    const id = `i${this.serial++}`;
    this.twin.plan = new Map(op.faults.map(({ cpu, error, other }) => [`${who!.name}.${id}/${other ? 'teardown' : 'startup'}/${cpu}`, ERRORS[error]!]));
    return this.twin.addInstance(slot, id, op.calls);
  }

  private plug(op: Op): Outcome {
    const { twin } = this;
    const targets = [...TARGETS, ...this.drivers().map(([slot]) => slot).filter((slot) => !this.atomic(slot)), 1, 999];
    const target = targets[op.target % targets.length]!;
    const at = twin.model.state[op.cpu] ?? 0;
    // Mostly the way that is open; the other one has its answer too.
    const turned = op.which % 5 > 0 && ((op.kind === 'up' && at === ONLINE) || (op.kind === 'down' && at === 0));
    const up = op.kind === 'target' ? target > at : (op.kind === 'up') !== turned;
    this.arm(op, up ? 'startup' : 'teardown');
    if (op.kind === 'target') return twin.setTarget(op.cpu, target);
    return up ? twin.up(op.cpu, op.which % 2 ? ONLINE : target) : twin.down(op.cpu, op.which % 2 ? 0 : target);
  }

  /** Lets some callbacks of this CPU fail: of the way that it goes, and now and then of the other one. */
  private arm(op: Op, way: Way): void {
    const plan = new Map<string, Errno>();
    const at = this.twin.model.state[op.cpu] ?? 0;
    const onTheWay = this.drivers().filter(([slot]) => (way === 'startup' ? slot > at : slot <= at && slot > LAYOUTS[this.linux].bringup));
    for (const fault of op.faults) {
      // The other way, and DEAD, must not fail; rarely they do.
      const [, who] = pick(fault.other ? this.drivers() : onTheWay, fault.who) ?? [];
      if (who === undefined) continue;
      const node = who.instances === null ? '' : `.${pick(who.instances, fault.instance) ?? ''}`;
      plan.set(`${who.name}${node}/${fault.other && op.which % 2 ? (way === 'startup' ? 'teardown' : 'startup') : way}/${op.cpu}`, ERRORS[fault.error]!);
    }
    this.twin.plan = plan;
  }

  private drivers(): [number, Registered][] {
    const { core } = LAYOUTS[this.linux];
    return [...this.twin.model.slots].filter(([slot]) => !core.has(slot));
  }

  private atomic(slot: number): boolean {
    const { idleDead, apOnline } = LAYOUTS[this.linux];
    return slot >= idleDead && slot < apOnline;
  }

  private count({ kind }: Op, { code, log, lost, calls }: Outcome, hooks: number): void {
    const { seen } = this;
    const failed = code !== 'none' && calls.length > 0 && !lost;
    if (failed && kind === 'up') seen.upFailed++;
    if (failed && kind === 'down') seen.downFailed++;
    if (code in { EIO: 1, ENOMEM: 1, ENODEV: 1 } && (kind === 'setup' || kind === 'addInstance')) seen.setupFailed++;
    if (log.some((line) => line.startsWith('warn'))) seen.logged++;
    if (failed && calls.some((call) => call.includes('.'))) seen.partial++;
    if (lost) seen.lost++;
    if (this.twin.model.fail.filter((slot) => slot >= 0).length < hooks && code === 'EAGAIN') seen.hooked++;
  }
}

/** A constant, so that every run is the same; IRQCHIP_SEED=… looks elsewhere. */
const seed = Number(process.env['IRQCHIP_SEED'] ?? 182026);

test.each(RELEASES)('%s: over 5,000 random steps do what Linux would, call for call, code for code, text for text', (linux) => {
  const seen = { steps: 0, upFailed: 0, downFailed: 0, setupFailed: 0, logged: 0, lost: 0, hooked: 0, partial: 0 };
  fc.assert(fc.property(fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }), (ops) => {
    const history = new History(linux, seen);
    for (const op of ops) {
      history.step(op);
      if (history.twin.lost) break;
    }
  }), { numRuns: Number(process.env['IRQCHIP_RUNS'] ?? 260), seed: seed + RELEASES.indexOf(linux) });
  // No measure of the package, but of the histories: they went where it is difficult.
  expect(seen.steps).toBeGreaterThan(5000);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(3);
}, 60_000);
