import type { Combination, Execution } from '../graph/execution.ts';
import { Algebra, MAX_EVENTS, type Rel } from '../graph/relation.ts';
import { Refused } from '../program/recorder.ts';
import { reads, writes } from '../program/trace.ts';
import { localOrders, type LocalOrders } from './lkmm-local.ts';
import type { Model } from './model.ts';

/**
 * Events of a combination: an RMW is two here, its read and its write, since Linux' model orders them apart. Numbered thread by
 * thread in program order.
 */
class Events {
  /** By access. */
  readonly read: Int32Array;
  readonly write: Int32Array;
  readonly algebra: Algebra;

  constructor(readonly combination: Combination) {
    const { accesses } = combination;
    this.read = new Int32Array(accesses.length).fill(-1);
    this.write = new Int32Array(accesses.length).fill(-1);
    let n = 0;
    accesses.forEach((access, id) => {
      if (reads(access)) this.read[id] = n++;
      if (writes(access)) this.write[id] = n++;
    });
    if (n > MAX_EVENTS) throw new Refused(`an execution has ${n} events, more than ${MAX_EVENTS}`);
    this.algebra = new Algebra(n);
  }
}

/** Everything about a combination that does not depend on who reads from whom. */
class Judge {
  private readonly events: Events;
  private readonly algebra: Algebra;
  private readonly internal: Rel;
  private readonly rmw: Rel;
  private readonly ppo: Rel;
  private readonly dep: Rel;
  private readonly strong: Rel;
  private readonly release: Rel;
  private readonly wmb: Rel;
  private readonly unlockLock: Rel;
  private readonly toWrite: Rel;
  private readonly local: readonly LocalOrders[];

  constructor(combination: Combination) {
    this.events = new Events(combination);
    const { algebra } = this.events;
    this.algebra = algebra;
    this.local = combination.traces.map(localOrders);
    const place = (pick: (orders: LocalOrders) => readonly (readonly [number, number])[]): Rel => this.placed(pick);
    this.strong = place((o) => o.strong);
    this.release = place((o) => o.release);
    this.wmb = place((o) => o.wmb);
    this.unlockLock = place((o) => o.unlockLock);
    this.rmw = place((o) => o.rmw);
    this.dep = place((o) => o.dep);
    this.ppo = place((o) => o.preserved);
    for (const rel of [this.strong, this.release, this.wmb, this.unlockLock]) algebra.or(this.ppo, rel);
    this.internal = this.internalPairs();
    this.toWrite = algebra.empty();
    combination.accesses.forEach((access, id) => {
      if (!writes(access)) return;
      for (let from = 0; from < algebra.n; from++) algebra.add(this.toWrite, from, this.events.write[id]!);
    });
  }

  /** Linux' axioms; coherence and atomicity hold already. */
  consistent(execution: Execution): boolean {
    const { algebra, internal } = this;
    const rf = algebra.empty();
    const overwrite = algebra.empty();
    this.communicate(execution, rf, overwrite);
    const rfe = rf.slice();
    algebra.andNot(rfe, internal);
    const rfi = rf.slice();
    algebra.and(rfi, internal);
    const strong = this.strong.slice();
    const unlockLock = this.unlockLock.slice();
    this.addLocks(execution, strong, unlockLock);

    const ppo = this.ppo.slice();
    algebra.addSeq(ppo, this.dep, rfi);
    const ownOverwrite = overwrite.slice();
    algebra.and(ownOverwrite, internal);
    algebra.and(ownOverwrite, this.toWrite);
    algebra.or(ppo, ownOverwrite);

    const prop = this.propagation(rf, rfe, overwrite, strong, unlockLock);
    const hb = ppo;
    algebra.or(hb, rfe);
    const ownProp = prop.slice();
    algebra.and(ownProp, internal);
    algebra.removeIdentity(ownProp);
    algebra.or(hb, ownProp);
    if (!algebra.acyclic(hb)) return false;

    algebra.close(hb);
    algebra.addIdentity(hb);
    return algebra.acyclic(algebra.seq(algebra.seq(prop, strong), hb));
  }

  /** prop = (overwrite & ext)? ; cumul-fence* ; rfe? */
  private propagation(rf: Rel, rfe: Rel, overwrite: Rel, strong: Rel, unlockLock: Rel): Rel {
    const { algebra } = this;
    const cumulative = strong.slice();
    algebra.or(cumulative, this.release);
    const fences = cumulative.slice();
    algebra.addSeq(fences, rfe, cumulative);
    algebra.or(fences, this.wmb);
    algebra.or(fences, unlockLock);
    const sequence = algebra.seq(rf, this.rmw);
    algebra.close(sequence);
    algebra.addIdentity(sequence);
    const cumul = algebra.seq(fences, sequence);
    algebra.close(cumul);
    algebra.addIdentity(cumul);
    const outside = overwrite.slice();
    algebra.andNot(outside, this.internal);
    const begun = cumul.slice();
    algebra.addSeq(begun, outside, cumul);
    const prop = begun.slice();
    algebra.addSeq(prop, begun, rfe);
    return prop;
  }

  private communicate({ combination, rf: source, co, place }: Execution, rf: Rel, overwrite: Rel): void {
    const { algebra, events: { read, write } } = this;
    for (const order of co) {
      for (let i = 0; i < order.length; i++) {
        for (let j = i + 1; j < order.length; j++) algebra.add(overwrite, write[order[i]!]!, write[order[j]!]!);
      }
    }
    combination.accesses.forEach((access, id) => {
      if (!reads(access)) return;
      if (source[id]! >= 0) algebra.add(rf, write[source[id]!]!, read[id]!);
      const order = co[access.loc]!;
      const from = writes(access) ? place[id]! : place[id]! + 1;
      for (let next = from; next < order.length; next++) algebra.add(overwrite, read[id]!, write[order[next]!]!);
    });
  }

  /** What locks order across threads: whoever takes one from whom. */
  private addLocks({ combination, rf, place }: Execution, strong: Rel, unlockLock: Rel): void {
    const { accesses, thread } = combination;
    accesses.forEach((access, id) => {
      if (access.kind !== 'lock') return;
      const source = rf[id]!;
      if (source >= 0 && thread[source] !== thread[id]) this.addProduct(unlockLock, this.before(source), this.from(id, true));
      const { after } = this.local[thread[id]!]!;
      const fenceAt = after.get(id - combination.first[thread[id]!]!);
      if (fenceAt === undefined) return;
      accesses.forEach((other, unlock) => {
        if (other.kind !== 'unlock' || other.loc !== access.loc || thread[unlock] === thread[id] || place[unlock]! >= place[id]!) return;
        this.addProduct(strong, this.before(unlock), this.from(combination.first[thread[id]!]! + fenceAt - 1, false));
      });
    });
  }

  private addProduct(rel: Rel, froms: readonly number[], tos: readonly number[]): void {
    for (const from of froms) for (const to of tos) this.algebra.add(rel, from, to);
  }

  /** Events of the access's thread before it. */
  private before(id: number): number[] {
    return this.eventsWhere((other) => this.sameThread(other, id) && other < id);
  }

  /** Events of the access's thread after its read; with `own`, its write too. */
  private from(id: number, own: boolean): number[] {
    const events = this.eventsWhere((other) => this.sameThread(other, id) && other > id);
    return own ? [this.events.write[id]!, ...events] : events;
  }

  private sameThread(a: number, b: number): boolean {
    const { thread } = this.events.combination;
    return thread[a] === thread[b];
  }

  private eventsWhere(wanted: (id: number) => boolean): number[] {
    const { read, write, combination: { accesses } } = this.events;
    return accesses.flatMap((_, id) => (wanted(id) ? [read[id]!, write[id]!].filter((event) => event >= 0) : []));
  }

  private placed(pick: (orders: LocalOrders) => readonly (readonly [number, number])[]): Rel {
    const { algebra, events: { combination, read, write } } = this;
    const rel = algebra.empty();
    combination.traces.forEach((trace, thread) => {
      const first = trace.accesses.length === 0 ? 0 : combination.first[thread]!;
      const base = trace.accesses.length === 0 ? 0 : read[first]! >= 0 ? read[first]! : write[first]!;
      for (const [before, after] of pick(this.local[thread]!)) algebra.add(rel, base + before, base + after);
    });
    return rel;
  }

  private internalPairs(): Rel {
    const { algebra, events: { combination: { thread }, read, write } } = this;
    const owner = new Int32Array(algebra.n);
    thread.forEach((of, id) => {
      if (read[id]! >= 0) owner[read[id]!] = of;
      if (write[id]! >= 0) owner[write[id]!] = of;
    });
    const rel = algebra.empty();
    for (let a = 0; a < algebra.n; a++) for (let b = 0; b < algebra.n; b++) if (owner[a] === owner[b]) algebra.add(rel, a, b);
    return rel;
  }
}

/** Linux' kernel memory model, of marked accesses. */
export const LKMM: Model = {
  name: 'lkmm',
  version: 'linux-kernel.cat with barrier tags on atomics (lkmmv2), without RCU and plain accesses',
  judge: (combination) => {
    const judge = new Judge(combination);
    return (execution) => judge.consistent(execution);
  },
};
