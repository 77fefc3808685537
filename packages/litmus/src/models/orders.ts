import type { Combination, Execution } from '../graph/execution.ts';
import { Algebra, type Rel } from '../graph/relation.ts';
import { reads, writes, type Access, type FenceMark, type Trace } from '../program/trace.ts';
import type { Model } from './model.ts';

/** What a fence orders: kinds of accesses before it against kinds after it. */
export const KIND = { R: 1, W: 2, I: 4, O: 8 } as const;
export const MEMORY: number = KIND.R | KIND.W;
/** Of memory and devices alike. */
export const READS: number = KIND.R | KIND.I;
export const WRITES: number = KIND.W | KIND.O;
export const ALL: number = READS | WRITES;

/** Which kinds an access is; an RMW is both. */
export function kindOf(access: Access): number {
  if (access.kind === 'io_read') return KIND.I;
  if (access.kind === 'io_write') return KIND.O;
  if (access.kind === 'io_rmw') return KIND.I | KIND.O;
  return (reads(access) ? KIND.R : 0) | (writes(access) ? KIND.W : 0);
}

/** Orders one trace asks for, as pairs of its accesses. */
export type Pairs = readonly (readonly [before: number, after: number])[];

/** The pairs of one trace, worked out once a model. */
function pairsOf(trace: Trace, model: string, make: (trace: Trace) => Pairs): Pairs {
  let pairs = trace.derived.get(model) as Pairs | undefined;
  if (!pairs) trace.derived.set(model, (pairs = [...make(trace), ...(trace.imposed ?? [])]));
  return pairs;
}

/** Adds every trace's pairs, renumbered. */
function addPairs(algebra: Algebra, rel: Rel, combination: Combination, model: string, make: (trace: Trace) => Pairs): void {
  combination.traces.forEach((trace, thread) => {
    const first = combination.first[thread]!;
    for (const [before, after] of pairsOf(trace, model, make)) algebra.add(rel, first + before, first + after);
  });
}

/** Pairs of a fence: accesses of the kinds `pred` before it, of the kinds `succ` after it. */
export function fencePairs({ accesses }: Trace, { at }: Pick<FenceMark, 'at'>, pred: number, succ: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let before = 0; before < at; before++) {
    if ((kindOf(accesses[before]!) & pred) === 0) continue;
    for (let after = at; after < accesses.length; after++) {
      if ((kindOf(accesses[after]!) & succ) !== 0) pairs.push([before, after]);
    }
  }
  return pairs;
}

/** Adds reads-from (that of other threads only, unless `own`), coherence order and from-reads to `rel`. */
function addCommunication(algebra: Algebra, rel: Rel, { combination, rf, co, place }: Execution, own: boolean): void {
  const { accesses, thread } = combination;
  for (const order of co) {
    for (let i = 1; i < order.length; i++) algebra.add(rel, order[i - 1]!, order[i]!);
  }
  for (let id = 0; id < accesses.length; id++) {
    const access = accesses[id]!;
    if (!reads(access)) continue;
    const source = rf[id]!;
    if (source >= 0 && (own || thread[source] !== thread[id])) algebra.add(rel, source, id);
    // The write after the one that was read; an RMW's own is that one, and coherence takes over from there.
    const next = writes(access) ? undefined : co[access.loc]![place[id]! + 1];
    if (next !== undefined) algebra.add(rel, id, next);
  }
}

/** A model of one order over all accesses: what each thread preserves, and who reads and overwrites whom, without a cycle. */
export interface OneOrder {
  readonly name: string;
  readonly version: string;
  /** Tells what was worked out under other switches apart; default: the name. */
  readonly key?: string;
  /** Pairs that a thread preserves whoever reads from whom. */
  readonly preserved: (trace: Trace) => Pairs;
  /** Whether a thread's reading of its own writes counts. */
  readonly own: boolean;
  /** Adds what is preserved because of who reads from whom. */
  readonly dynamic?: (algebra: Algebra, rel: Rel, execution: Execution) => void;
}

/** The model that these orders make. */
export function oneOrderModel({ name, version, key = name, preserved, own, dynamic }: OneOrder): Model {
  return {
    name,
    version,
    judge: (combination) => {
      const algebra = new Algebra(combination.accesses.length);
      const ppo = algebra.empty();
      addPairs(algebra, ppo, combination, key, preserved);
      return (execution) => {
        const rel = ppo.slice();
        dynamic?.(algebra, rel, execution);
        addCommunication(algebra, rel, execution, own);
        return algebra.acyclic(rel);
      };
    },
  };
}
