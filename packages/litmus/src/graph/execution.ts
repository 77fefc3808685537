import { reads, writes, type Access, type Trace } from '../program/trace.ts';

/** Accesses of one run of each thread, numbered thread by thread in program order. */
export class Combination {
  readonly accesses: readonly Access[];
  /** The thread of each access. */
  readonly thread: Uint8Array;
  /** Number of the first access of each thread. */
  readonly first: readonly number[];
  /** What memory holds at first. */
  readonly init: readonly number[];

  constructor(readonly traces: readonly Trace[], init: readonly number[]) {
    const first: number[] = [];
    const accesses: Access[] = [];
    for (const trace of traces) {
      first.push(accesses.length);
      accesses.push(...trace.accesses);
    }
    this.first = first;
    this.accesses = accesses;
    this.init = init;
    this.thread = new Uint8Array(accesses.length);
    traces.forEach((trace, index) => this.thread.fill(index, first[index], first[index]! + trace.accesses.length));
  }
}

/** Where reads get their values, and in which order writes to each location take effect. */
export class Execution {
  /** By access: the write that a read reads from, -1 for the initial value. */
  readonly rf: Int32Array;
  /** By location: its writes, first to last. */
  readonly co: (readonly number[])[];
  /** By access: its place among the writes to its location; for a read, the place of what it reads. -1 is the initial value. */
  readonly place: Int32Array;

  constructor(readonly combination: Combination) {
    this.rf = new Int32Array(combination.accesses.length).fill(-1);
    this.place = new Int32Array(combination.accesses.length).fill(-1);
    this.co = combination.init.map(() => []);
  }

  /** A copy that stays when the search goes on. */
  clone(): Execution {
    const copy = new Execution(this.combination);
    copy.rf.set(this.rf);
    copy.place.set(this.place);
    this.co.forEach((order, loc) => { copy.co[loc] = order; });
    return copy;
  }

  /** The same reads and orders of the same accesses, whose runs say something else about barriers. */
  over(traces: readonly Trace[]): Execution {
    const copy = new Execution(new Combination(traces, this.combination.init));
    copy.rf.set(this.rf);
    copy.place.set(this.place);
    this.co.forEach((order, loc) => { copy.co[loc] = order; });
    return copy;
  }

  /** The accesses that tell something: those to what one thread writes and another reads or writes. */
  telling(): number[] {
    const { accesses, thread } = this.combination;
    const touched = this.combination.init.map(() => new Set<number>());
    accesses.forEach(({ loc }, id) => touched[loc]!.add(thread[id]!));
    return accesses.flatMap(({ loc }, id) => (this.co[loc]!.length > 0 && touched[loc]!.size > 1 ? [id] : []));
  }

  /** What a location holds in the end. */
  finalValue(loc: number): number {
    const last = this.co[loc]!.at(-1);
    return last === undefined ? this.combination.init[loc]! : this.combination.accesses[last]!.written!;
  }
}

/** One way to order the accesses of one location. */
interface LocationChoice { readonly order: readonly number[]; readonly from: readonly number[] }

/** The accesses of one location, by what they do. */
interface LocationAccesses { readonly loc: number; readonly readers: readonly number[]; readonly writers: readonly number[] }

/**
 * Calls `visit` for every way of reading and ordering that keeps each location coherent and each RMW atomic; what that asks
 * concerns one location at a time. Returns false when `visit` ended the search by doing so.
 */
export function coherentExecutions(combination: Combination, visit: (execution: Execution) => boolean): boolean {
  const locations = byLocation(combination);
  const choices: LocationChoice[][] = [];
  for (const location of locations) {
    const found = choicesOf(combination, location);
    if (found.length === 0) return true;
    choices.push(found);
  }
  const execution = new Execution(combination);
  const descend = (index: number): boolean => {
    const location = locations[index];
    if (!location) return visit(execution);
    return choices[index]!.every((choice) => {
      apply(execution, location, choice);
      return descend(index + 1);
    });
  };
  return descend(0);
}

function byLocation({ accesses, init }: Combination): LocationAccesses[] {
  const all = init.map((_, loc) => ({ loc, readers: [] as number[], writers: [] as number[] }));
  accesses.forEach((access, id) => {
    if (reads(access)) all[access.loc]!.readers.push(id);
    if (writes(access)) all[access.loc]!.writers.push(id);
  });
  return all.filter(({ readers, writers }) => readers.length + writers.length > 0);
}

function apply(execution: Execution, { loc, readers }: LocationAccesses, { order, from }: LocationChoice): void {
  const { rf, place } = execution;
  execution.co[loc] = order;
  order.forEach((write, index) => { place[write] = index; });
  readers.forEach((read, index) => {
    const source = from[index]!;
    rf[read] = source < 0 ? -1 : order[source]!;
    // An RMW's own place is that of its write, which is the next one.
    if (!writes(execution.combination.accesses[read]!)) place[read] = source;
  });
}

function choicesOf(combination: Combination, location: LocationAccesses): LocationChoice[] {
  const found: LocationChoice[] = [];
  for (const order of ordersOf(combination, location.writers)) sourcesOf(combination, location, order, (from) => found.push({ order, from }));
  return found;
}

/** Every order of the writes that keeps each thread's own. */
function ordersOf({ thread }: Combination, writers: readonly number[]): number[][] {
  const found: number[][] = [];
  const used = new Set<number>();
  const order: number[] = [];
  const descend = (): void => {
    if (order.length === writers.length) {
      found.push([...order]);
      return;
    }
    const threads = new Set<number>();
    for (const write of writers) {
      // The first unused one of each thread: writers are in program order.
      if (used.has(write) || threads.has(thread[write]!)) continue;
      threads.add(thread[write]!);
      used.add(write);
      order.push(write);
      descend();
      order.pop();
      used.delete(write);
    }
  };
  descend();
  return found;
}

/** Every coherent assignment of sources to the readers, as places in `order`. */
function sourcesOf(combination: Combination, { loc, readers, writers }: LocationAccesses, order: readonly number[], visit: (from: readonly number[]) => void): void {
  const { accesses, thread, init } = combination;
  const placeOf = new Map(order.map((write, index) => [write, index]));
  const from = new Array<number>(readers.length).fill(-1);
  const fits = (index: number, source: number): boolean => {
    const reader = readers[index]!;
    const value = source < 0 ? init[loc] : accesses[order[source]!]!.written;
    if (value !== accesses[reader]!.read) return false;
    if (writes(accesses[reader]!) && placeOf.get(reader) !== source + 1) return false;
    for (const write of writers) {
      if (thread[write] !== thread[reader] || write === reader) continue;
      if (write < reader ? placeOf.get(write)! > source : placeOf.get(write)! <= source) return false;
    }
    for (let before = 0; before < index; before++) {
      if (thread[readers[before]!] === thread[reader] && from[before]! > source) return false;
    }
    return true;
  };
  const descend = (index: number): void => {
    if (index === readers.length) {
      visit([...from]);
      return;
    }
    for (let source = -1; source < order.length; source++) {
      if (!fits(index, source)) continue;
      from[index] = source;
      descend(index + 1);
    }
  };
  descend(0);
}
