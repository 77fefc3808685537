import type { Execution } from '../graph/execution.ts';
import type { Model } from '../models/model.ts';
import { siteKey, sitesOf, strengthen, weaken, type Site } from '../program/sites.ts';
import type { FenceKind } from '../program/trace.ts';

/** An order that would have made an execution impossible. */
export interface MissingOrder {
  readonly cpu: number;
  /** Numbers of the accesses, in their CPU's run: the second may overtake the first. */
  readonly before: number;
  readonly after: number;
  /** The weakest barrier between them that forbids the execution. */
  readonly barrier: FenceKind;
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
      const helps = at < trace.accesses.length && !allows(execution, model, cpu, 'io_mb', at);
      if (helps && from < 0) from = at;
      if (helps || from < 0) continue;
      const barrier = WEAKEST_FIRST.find((kind) => !allows(execution, model, cpu, kind, from))!;
      found.push({ cpu, before: from - 1, after: at - 1, barrier, partners: partnersOf(execution, model, cpu, barrier, from) });
      from = -1;
    }
    return found;
  });
}

function withBarrier({ combination: { traces } }: Execution, cpu: number, kind: FenceKind, at: number) {
  return traces.map((trace, index) => (index === cpu ? strengthen(trace, kind, at) : trace));
}

function allows(execution: Execution, model: Model, cpu: number, kind: FenceKind, at: number): boolean {
  return judged(execution.over(withBarrier(execution, cpu, kind, at)), model);
}

function judged(execution: Execution, model: Model): boolean { return model.judge(execution.combination)(execution); }

/** Orderings of other CPUs without which even the new barrier would not help. */
function partnersOf(execution: Execution, model: Model, cpu: number, kind: FenceKind, at: number): Site[] {
  const strengthened = withBarrier(execution, cpu, kind, at);
  const sites = strengthened.flatMap((trace, index) => (index === cpu ? [] : sitesOf(trace, index, true)));
  return sites.filter((site, index) => {
    if (sites.findIndex((other) => siteKey(other) === siteKey(site)) !== index) return false;
    const gone = new Set([siteKey(site)]);
    return judged(execution.over(strengthened.map((trace, other) => (other === cpu ? trace : weaken(trace, gone)))), model);
  });
}
