import type { Execution } from '../graph/execution.ts';
import { LKMM } from '../models/lkmm.ts';
import type { Model } from '../models/model.ts';
import { siteKey, sitesOf, strengthen, weaken, type Site } from '../program/sites.ts';
import type { Access, FenceKind, Trace } from '../program/trace.ts';

/** An order that would have made an execution impossible. */
export interface MissingOrder {
  readonly cpu: number;
  /** Numbers of the accesses, in their CPU's run: the second may overtake the first. */
  readonly before: number;
  readonly after: number;
  /** The weakest barrier between them that forbids the execution, here and in Linux' model. */
  readonly barrier: FenceKind;
  /** The stronger form of one of the two that would do instead, in words; null when none would. */
  readonly instead: string | null;
  /** Orderings elsewhere that the barrier works together with. */
  readonly partners: readonly Site[];
}

const WEAKEST_FIRST: readonly FenceKind[] = ['rmb', 'wmb', 'mb', 'io_mb'];

/** Where one more barrier would forbid the execution. Empty where none would: it is the algorithm that is wrong then. */
export function missingOrders(execution: Execution, model: Model): MissingOrder[] {
  const { traces } = execution.combination;
  return traces.flatMap((trace, cpu) => {
    const found: MissingOrder[] = [];
    let from = -1;
    // A barrier helps anywhere between the two accesses that it orders.
    for (let at = 1; at <= trace.accesses.length; at++) {
      const helps = at < trace.accesses.length && !judged(withBarrier(execution, cpu, 'io_mb', at), model);
      if (helps && from < 0) from = at;
      if (helps || from < 0) continue;
      const barrier = weakest(execution, model, cpu, from);
      const strengthened = withBarrier(execution, cpu, barrier, from);
      found.push({
        cpu, before: from - 1, after: at - 1, barrier,
        instead: strongerForm(execution, model, cpu, from - 1, at - 1),
        partners: partnersOf(execution, strengthened.combination.traces, model, cpu),
      });
      from = -1;
    }
    return found;
  });
}

/** A barrier that only one machine's model needs is no advice for code that runs on all: Linux' model must be content too. */
function weakest(execution: Execution, model: Model, cpu: number, at: number): FenceKind {
  const enough = (kind: FenceKind, under: Model): boolean => !judged(withBarrier(execution, cpu, kind, at), under);
  const everywhere = WEAKEST_FIRST.find((kind) => enough(kind, model) && enough(kind, LKMM));
  return everywhere ?? WEAKEST_FIRST.find((kind) => enough(kind, model))!;
}

function withBarrier(execution: Execution, cpu: number, kind: FenceKind, at: number): Execution {
  return execution.over(execution.combination.traces.map((trace, index) => (index === cpu ? strengthen(trace, kind, at) : trace)));
}

function judged(execution: Execution, model: Model): boolean { return model.judge(execution.combination)(execution); }

/** Stronger forms of the two accesses, tried in turn. */
function strongerForm(execution: Execution, model: Model, cpu: number, before: number, after: number): string | null {
  const { traces } = execution.combination;
  const { accesses } = traces[cpu]!;
  const tried: [number, Partial<Access>, string][] = [];
  const [early, late] = [accesses[before]!, accesses[after]!];
  if (late.kind === 'io_write' && !late.ordered) tried.push([after, { ordered: true }, 'writel() for the second']);
  if (late.kind === 'rmw' && late.order === 'relaxed') tried.push([after, { order: 'release' }, 'a release for the second']);
  if (late.kind === 'write' && late.order === 'once') tried.push([after, { order: 'release' }, 'smp_store_release() for the second']);
  if (early.kind === 'rmw' && early.order !== 'acquire' && early.order !== 'full') tried.push([before, { order: 'acquire' }, 'an acquire for the first'], [before, { order: 'full' }, 'the fully ordered form of the first']);
  if (early.kind === 'read' && early.order === 'once') tried.push([before, { order: 'acquire' }, 'smp_load_acquire() for the first']);
  const works = tried.find(([at, change]) => {
    const changed: Trace = { ...traces[cpu]!, derived: new Map(), accesses: accesses.map((access, index) => (index === at ? { ...access, ...change } : access)) };
    const stronger = execution.over(traces.map((trace, index) => (index === cpu ? changed : trace)));
    return !judged(stronger, model) && !judged(stronger, LKMM);
  });
  return works?.[2] ?? null;
}

/** Orderings of other CPUs without which even the new barrier would not help. */
function partnersOf(execution: Execution, strengthened: readonly Trace[], model: Model, cpu: number): Site[] {
  const sites = new Map<string, Site>();
  for (const site of strengthened.flatMap((trace, index) => (index === cpu ? [] : sitesOf(trace, index, true)))) {
    const known = sites.get(siteKey(site));
    sites.set(siteKey(site), known ? { ...known, by: [...new Set([...known.by, ...site.by])] } : site);
  }
  return [...sites.values()].filter((site) => {
    const gone = new Set([siteKey(site)]);
    return judged(execution.over(strengthened.map((trace, other) => (other === cpu ? trace : weaken(trace, gone)))), model);
  });
}
