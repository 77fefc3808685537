import { type Execution, LKMM, type Model } from '@irqchip/litmus';
import { type Access, type FenceKind, isIo, learns, type Trace, writes } from '@irqchip/litmus/internals';
import { impose, siteKey, sitesOf, strengthen, weaken, type Site } from '../program/sites.ts';

/** An order that would have made an execution impossible. */
export interface MissingOrder {
  readonly cpu: number;
  /** Numbers of the accesses, in their CPU's run: the second may overtake the first. */
  readonly before: number;
  readonly after: number;
  /** The weakest barrier between them that forbids the execution, here and in Linux' model where that can tell. */
  readonly barrier: FenceKind;
  /** The stronger form of one of the two that would do instead; null when none would. */
  readonly instead: StrongerForm | null;
  /** Orderings elsewhere that the barrier works together with. */
  readonly partners: readonly Site[];
  /** Whether it takes all that are missing; otherwise each is enough. */
  readonly together: boolean;
}

/** What an access could be made. */
export interface StrongerForm {
  /** The number of the access, in its CPU's run. */
  readonly at: number;
  /** `a writel()`, `an acquire`, … */
  readonly form: string;
}

/** A barrier that is tried, before the access of this number. */
interface Tried { readonly cpu: number; readonly at: number; readonly kind: FenceKind }

/** A barrier helps before any of the accesses from the one of this number to the other. */
interface Stretch { readonly cpu: number; readonly from: number; to: number }

const WEAKEST_FIRST: readonly FenceKind[] = ['rmb', 'wmb', 'mb', 'io_rmb', 'io_wmb', 'io_mb'];

/**
 * Where one more barrier would forbid the execution; where one is not enough, several that would together. Empty where none
 * would: it is the algorithm that is wrong then.
 */
export function missingOrders(execution: Execution, model: Model): MissingOrder[] {
  const alone = stretches(execution, model);
  return alone.length > 0 ? alone.map((stretch) => missingIn(execution, model, stretch, execution)) : severalMissing(execution, model);
}

function stretches(execution: Execution, model: Model): Stretch[] {
  return execution.combination.traces.flatMap(({ accesses }, cpu) => {
    const found: Stretch[] = [];
    for (let at = 1; at < accesses.length; at++) {
      if (allows(model, withBarriers(execution, [{ cpu, at, kind: 'io_mb' }]))) continue;
      const last = found.at(-1);
      if (last?.to === at - 1) last.to = at;
      else found.push({ cpu, from: at, to: at });
    }
    return found;
  });
}

/** As few barriers as are left when each that is not missed is taken away again. */
function severalMissing(execution: Execution, model: Model): MissingOrder[] {
  let needed = execution.combination.traces.flatMap(({ accesses }, cpu) => accesses.slice(1).map((_, index): Tried => ({ cpu, at: index + 1, kind: 'io_mb' })));
  if (allows(model, withBarriers(execution, needed))) return [];
  for (const barrier of needed) {
    const others = needed.filter((other) => other !== barrier);
    if (!allows(model, withBarriers(execution, others))) needed = others;
  }
  const beside = (index: number): Execution => withBarriers(execution, needed.filter((_, other) => other !== index));
  const found = needed.map((barrier, index) => {
    const rest = beside(index);
    const stretch = stretches(rest, model).find(({ cpu, from, to }) => cpu === barrier.cpu && from <= barrier.at && barrier.at <= to)!;
    const missing = missingIn(rest, model, stretch, execution);
    // The next ones are asked for beside this one as weak as it has become.
    needed = needed.map((other) => (other === barrier ? { cpu: barrier.cpu, at: stretch.from, kind: missing.barrier } : other));
    return missing;
  });
  return found.map((missing, index) => ({ ...missing, instead: strongerForm(beside(index), model, missing) }));
}

/** @param written - the execution without the other barriers that it takes. */
function missingIn(execution: Execution, model: Model, { cpu, from, to }: Stretch, written: Execution): MissingOrder {
  const before = from - 1;
  const after = nearestAfter(execution, model, cpu, before, to);
  const judges = judgesOf(execution, model, cpu, before, after);
  const { accesses } = execution.combination.traces[cpu]!;
  const barrier = WEAKEST_FIRST.find((kind) => reachesBoth(kind, accesses[before]!, accesses[after]!) && judges.every((judge) => !allows(judge, withBarriers(execution, [{ cpu, at: from, kind }]))))!;
  return {
    cpu, before, after, barrier, together: written !== execution,
    instead: strongerForm(execution, model, { cpu, before, after }),
    partners: partnersOf(written, withBarriers(execution, [{ cpu, at: from, kind: barrier }]), model, cpu),
  };
}

/** The first access that tells something and must not overtake; what comes later follows from it, or matters as well. */
function nearestAfter(execution: Execution, model: Model, cpu: number, before: number, last: number): number {
  const first = execution.combination.first[cpu]!;
  const telling = new Set(execution.telling());
  for (let after = before + 1; after < last; after++) {
    if (telling.has(first + after) && !allows(model, changed(execution, cpu, (trace) => impose(trace, before, after)))) return after;
  }
  return last;
}

/**
 * A barrier that only one machine's model needs is no advice for code that runs on all: Linux' model must be content too. It is
 * not asked where it has nothing to say: it knows neither devices nor what taking an interrupt orders.
 */
function judgesOf(execution: Execution, model: Model, cpu: number, before: number, after: number): Model[] {
  const { accesses } = execution.combination.traces[cpu]!;
  const device = isIo(accesses[before]!) || isIo(accesses[after]!);
  const tells = !device && !allows(LKMM, withBarriers(execution, [{ cpu, at: before + 1, kind: 'io_mb' }]));
  return tells ? [model, LKMM] : [model];
}

/**
 * Linux' model is not asked about a device, and RISC-V takes an atomic for one access. Elsewhere rmb() holds nothing back behind the
 * atomic's write, and wmb() does not hold back its read, so neither is advised there.
 */
function reachesBoth(kind: FenceKind, first: Access, second: Access): boolean {
  if (kind === 'io_rmb') return !writes(first) && learns(second);
  if (kind === 'io_wmb') return writes(first) && !learns(second);
  return true;
}

function changed(execution: Execution, cpu: number, change: (trace: Trace) => Trace): Execution {
  return execution.over(execution.combination.traces.map((trace, index) => (index === cpu ? change(trace) : trace)));
}

function withBarriers(execution: Execution, barriers: readonly Tried[]): Execution {
  return execution.over(execution.combination.traces.map((trace, index) => barriers.reduce((so, { cpu, at, kind }) => (cpu === index ? strengthen(so, kind, at) : so), trace)));
}

function allows(model: Model, execution: Execution): boolean { return model.judge(execution.combination)(execution); }

/** Stronger forms of the two accesses, tried in turn. */
function strongerForm(execution: Execution, model: Model, { cpu, before, after }: Pick<MissingOrder, 'cpu' | 'before' | 'after'>): StrongerForm | null {
  const judges = judgesOf(execution, model, cpu, before, after);
  const { accesses } = execution.combination.traces[cpu]!;
  const tried: [number, Partial<Access>, string][] = [];
  const [early, late] = [accesses[before]!, accesses[after]!];
  if (late.kind === 'io_write' && !late.ordered && !late.csr) tried.push([after, { ordered: true }, 'a writel()']);
  if (late.kind === 'rmw' && late.order === 'relaxed') tried.push([after, { order: 'release' }, 'a release']);
  if (late.kind === 'write' && late.order === 'once') tried.push([after, { order: 'release' }, 'an smp_store_release()']);
  if (early.kind === 'rmw' && early.order !== 'acquire' && early.order !== 'full') tried.push([before, { order: 'acquire' }, 'an acquire'], [before, { order: 'full' }, 'fully ordered']);
  if (early.kind === 'read' && early.order === 'once') tried.push([before, { order: 'acquire' }, 'an smp_load_acquire()']);
  const works = tried.find(([at, change]) => {
    const stronger = changed(execution, cpu, (trace) => ({ ...trace, derived: new Map(), accesses: accesses.map((access, index) => (index === at ? { ...access, ...change } : access)) }));
    return judges.every((judge) => !allows(judge, stronger));
  });
  return works ? { at: works[0], form: works[2] } : null;
}

/** Orderings of other CPUs without which even the new barrier would not help. */
function partnersOf(written: Execution, strengthened: Execution, model: Model, cpu: number): Site[] {
  const sites = new Map<string, Site>();
  for (const site of written.combination.traces.flatMap((trace, index) => (index === cpu ? [] : sitesOf(trace, index, true)))) {
    const known = sites.get(siteKey(site));
    sites.set(siteKey(site), known ? { ...known, by: [...new Set([...known.by, ...site.by])] } : site);
  }
  return [...sites.values()].filter((site) => {
    const gone = new Set([siteKey(site)]);
    return allows(model, strengthened.over(strengthened.combination.traces.map((trace, other) => (other === cpu ? trace : weaken(trace, gone)))));
  });
}
