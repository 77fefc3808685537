import fc from 'fast-check';
import type { Errno } from '@irqchip/smp';
import { Worlds } from './domain-bench.ts';
import { isStacked, type Arg, type DomainModel, type FailStep, type Fault, type Kind } from './domain-model.ts';

/** A constant, so that every run is the same; IRQCHIP_SEED=… looks elsewhere. */
const seed = Number(process.env['IRQCHIP_SEED'] ?? 182026);
const RUNS = Number(process.env['IRQCHIP_RUNS'] ?? 5000);

const PLAIN = ['create', 'create', 'remove', 'default', 'descs', 'descs', 'freeDesc', 'map', 'map', 'map', 'map', 'map', 'associate', 'many', 'dispose', 'dispose', 'untie', 'alloc', 'free', 'activate', 'deactivate'] as const;
const STACKED = ['create', 'remove', 'default', 'descs', 'map', 'map', 'associate', 'dispose', 'alloc', 'alloc', 'alloc', 'alloc', 'alloc', 'alloc', 'alloc', 'realloc', 'realloc', 'free', 'free', 'free', 'activate', 'activate', 'deactivate'] as const;
const SITES = ['irq_desc', 'irq_desc', 'irq_desc', 'irq_data', 'irq_data', 'irq_domain', 'irq_domain_name'] as const;

interface Op {
  kind: (typeof PLAIN | typeof STACKED)[number]; which: number; virq: number; hwirq: number; count: number; exact: boolean;
  fault: Fault | null; mapFails: Errno | null; activateFails: number; arg: Arg;
}

const seldom = <T>(weight: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const operation = (kinds: readonly Op['kind'][]): fc.Arbitrary<Op> => fc.record({
  kind: fc.constantFrom(...kinds), which: fc.nat(30), virq: fc.nat(30), hwirq: fc.nat(11), count: fc.integer({ min: 1, max: 3 }), exact: fc.nat(3).map((n) => n === 0),
  fault: seldom(3, fc.record({ site: fc.constantFrom(...SITES), after: fc.nat(4), times: fc.constantFrom(1, 1, 2, 99) })),
  mapFails: seldom(9, fc.constantFrom<Errno>('EIO', 'EPERM', 'ENOMEM')), activateFails: fc.nat(9),
  arg: fc.record({
    hwirq: fc.nat(11), fail: seldom(3, fc.record({ step: fc.constantFrom<FailStep>('root', 'middle', 'device', 'after'), at: fc.nat(2) })),
    shape: fc.constantFrom('whole' as const, 'whole' as const, 'whole' as const, 'whole' as const, 'cut' as const, 'unset' as const),
  }),
});

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(from.length, 1)];

/** The operation, made to fit what is there; some answer is due even where it does not fit. */
function step(worlds: Worlds, op: Op): void {
  const { model } = worlds;
  const names = model.list.map(({ name }) => name);
  worlds.begin(op.fault, op.mapFails, pick(names, op.activateFails) && op.activateFails < names.length ? names[op.activateFails]! : null);
  const virqs = [...model.interrupts.keys()];
  const bare = virqs.filter((virq) => model.interrupts.get(virq)!.levels.length === 0);
  const domain = pick(model.list, op.which);
  const plain = pick(model.list.filter(({ kind }) => kind !== 'nomap'), op.which);
  const virq = pick([...virqs, 40], op.virq)!;
  switch (op.kind) {
    case 'create': return create(worlds, op);
    case 'remove': return domain && removable(worlds, domain) ? worlds.remove(domain) : undefined;
    case 'default': return worlds.setDefault(op.exact ? null : plain ?? null);
    case 'descs': return worlds.allocDescs(op.exact ? op.virq : -1, op.count, op.hwirq * 3);
    case 'freeDesc': return bare.length > 0 ? worlds.freeDesc(pick(bare, op.virq)!) : undefined;
    case 'map': return domain?.kind === 'nomap' ? worlds.direct(domain) : op.which === 30 && model.default?.kind !== 'nomap' ? worlds.map(null, op.hwirq) : plain && worlds.map(plain, op.hwirq);
    case 'associate': case 'many': return associate(worlds, op, domain, [...bare, virq]);
    case 'dispose': return worlds.dispose(virq);
    case 'untie': return domain && (model.interrupts.get(virq)?.levels.length ?? 0) < 2 ? worlds.disassociate(model.interrupts.get(virq)?.levels[0]?.domain ?? domain, virq) : undefined;
    case 'alloc': return alloc(worlds, op);
    case 'realloc': return realloc(worlds, op, bare);
    case 'free': return worlds.freeIrqs(virq, run(worlds, virq, op.count));
    case 'activate': return model.interrupts.has(virq) ? worlds.activate(virq) : undefined;
    case 'deactivate': return model.interrupts.has(virq) ? worlds.deactivate(virq) : undefined;
  }
}

function create(worlds: Worlds, { which }: Op): void {
  const { model } = worlds;
  const kind = (['linear', 'tree', 'simple', 'simple', 'legacy', 'legacy', 'nomap', 'root', 'middle', 'device'] as const)[which % 10]!;
  const needed: Partial<Record<Kind, Kind>> = { middle: 'root', device: 'middle' };
  const parent = needed[kind];
  if (model.list.length < 9 && (!parent || model.live(parent))) worlds.create(kind);
}

/** What others are stacked on stays. */
function removable({ model }: Worlds, domain: DomainModel): boolean { return !model.list.some(({ parent }) => parent === domain); }

/** A hwirq that is mapped already is not tied to a second virq: what then becomes of the first nobody says. */
function associate(worlds: Worlds, op: Op, domain: DomainModel | undefined, virqs: number[]): void {
  if (!domain) return;
  const virq = pick(virqs, op.virq)!;
  const hwirq = domain.kind === 'nomap' ? virq : op.hwirq;
  const count = op.kind === 'many' && domain.kind !== 'nomap' ? op.count : 1;
  for (let i = 0; i < count; i++) if (domain.map.has(hwirq + i)) return;
  if (op.kind === 'many') worlds.associateMany(domain, virq, hwirq, count);
  else worlds.associate(domain, virq, hwirq);
}

function alloc(worlds: Worlds, op: Op): void {
  const stacked = worlds.model.list.filter(({ kind }) => isStacked(kind));
  // Now and then one that cannot, or none at all.
  const domain = op.which === 30 ? null : pick(op.which % 7 === 6 ? worlds.model.list : stacked, op.which) ?? null;
  worlds.alloc(domain, op.exact ? op.virq : -1, op.count, shaped(domain ?? worlds.model.default, op.arg), false);
}

/** An outermost level that is not set up has the descriptor's "none", and hwirq 0 over and over: only parents are left unset. */
function shaped(domain: DomainModel | null, arg: Arg): Arg { return domain?.kind === 'middle' && arg.shape === 'unset' ? { ...arg, shape: 'whole' } : arg; }

function realloc(worlds: Worlds, op: Op, bare: number[]): void {
  const domain = pick(worlds.model.list.filter(({ kind }) => isStacked(kind)), op.which);
  const base = pick(bare, op.virq);
  if (!domain || base === undefined) return;
  let count = 1;
  while (count < op.count && bare.includes(base + count)) count++;
  worlds.alloc(domain, base, count, shaped(domain, op.arg), true);
}

/** How many from `virq` on belong to the same outermost domain. */
function run({ model }: Worlds, virq: number, most: number): number {
  const domain = (at: number): DomainModel | undefined => model.interrupts.get(at)?.levels[0]?.domain;
  let count = 1;
  while (count < most && domain(virq) && domain(virq + count) === domain(virq)) count++;
  return count;
}

const STARTS: [string, Kind[], readonly Op['kind'][]][] = [
  ['plain domains of every kind', ['linear', 'tree', 'nomap', 'simple', 'legacy'], PLAIN], ['a hierarchy of three levels, and a linear domain', ['linear', 'root', 'middle', 'device'], STACKED],
];

// Most calls here report or throw something, each with a stack that Jest maps back to the source: that is most of the time.
const frames = Error.stackTraceLimit;
beforeAll(() => { Error.stackTraceLimit = 4; });
afterAll(() => { Error.stackTraceLimit = frames; });

test.each(STARTS)('%s: after each of any calls, failed or not, numbers, maps and counts are those of the model, and nothing is left at the end', (_, domains, kinds) => {
  fc.assert(fc.property(fc.array(operation(kinds), { minLength: 1, maxLength: 20, size: 'max' }), (ops) => {
    const worlds = new Worlds();
    for (const kind of domains) worlds.create(kind);
    for (const op of ops) step(worlds, op);
    worlds.end();
  }), { numRuns: RUNS, seed: seed + kinds.length });
}, 120_000);
