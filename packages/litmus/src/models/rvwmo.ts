import type { Execution } from '../graph/execution.ts';
import type { Algebra } from '../graph/relation.ts';
import { isIo, isRmw, reads, writes, type FenceKind, type Trace } from '../program/trace.ts';
import type { Model } from './model.ts';
import { ALL, fencePairs, KIND, kindOf, MEMORY, oneOrderModel, READS, WRITES, type Pairs } from './orders.ts';

/** Switches of RISC-V's models. */
export interface RiscvOptions {
  /** Taking an interrupt reads `sip`, and everything in the handler comes after that; default true. */
  readonly trapEntryOrders?: boolean;
  /** A branch orders writes after its end too, as the architecture has it; default true. The kernel's model says no. */
  readonly branchesReachPast?: boolean;
}

/** What the kernel's barriers are on RISC-V: kinds before against kinds after. */
const FENCES: Readonly<Record<FenceKind, readonly [pred: number, succ: number] | null>> = {
  mb: [MEMORY, MEMORY],
  rmb: [KIND.R, KIND.R],
  wmb: [KIND.W, KIND.W],
  io_mb: [ALL, ALL],
  io_rmb: [READS, READS],
  io_wmb: [WRITES, WRITES],
  before_atomic: [MEMORY, MEMORY],
  after_atomic: [MEMORY, MEMORY],
  after_spinlock: [ALL, ALL],
  after_unlock_lock: [MEMORY, MEMORY],
  barrier: null,
  trap: null,
};

/** Ordering that each access carries with it, as fences around it or as its own bits. */
function ownOrder(trace: Trace, pairs: [number, number][]): void {
  trace.accesses.forEach((access, at) => {
    const { kind, order } = access;
    const [before, after] = [{ at }, { at: at + 1 }];
    if (kind === 'io_write' && access.ordered) pairs.push(...fencePairs(trace, before, KIND.W, KIND.O));
    if (order === 'acquire') pairs.push(...fencePairs(trace, after, KIND.R, MEMORY));
    if (order === 'release') pairs.push(...fencePairs(trace, before, MEMORY, KIND.W));
    if (kind === 'lock') pairs.push(...deviceReadsAfter(trace, at));
    if (kind === 'unlock' && owesMmiowb(trace, at)) pairs.push(...fencePairs(trace, before, KIND.O, KIND.W));
    if (kind === 'rmw' && order === 'full') {
      // .aqrl: after what came before, before what comes after; neither reaches devices.
      for (let other = 0; other < trace.accesses.length; other++) {
        if (other === at || isIo(trace.accesses[other]!)) continue;
        pairs.push(other < at ? [other, at] : [at, other]);
      }
    }
  });
}

/** What has been read to get the lock decides a branch, and devices are not read on a guess (privileged architecture, Idempotency PMAs). */
function deviceReadsAfter({ accesses }: Trace, at: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let after = at + 1; after < accesses.length; after++) if ((kindOf(accesses[after]!) & KIND.I) !== 0) pairs.push([at, after]);
  return pairs;
}

/** Whether the unlock at `at` has an mmiowb() before it: one that `writel` under the lock asked for, and `writel_relaxed` does not. */
function owesMmiowb({ accesses }: Trace, at: number): boolean {
  for (let before = at - 1; before >= 0; before--) {
    const { kind, loc, ordered } = accesses[before]!;
    if (kind === 'io_write' && ordered) return true;
    if (kind === 'lock' && loc === accesses[at]!.loc) return false;
  }
  return false;
}

/** Rules 1 and 3, and those of dependencies: 9 to 11 and 13. */
function dependencies({ accesses }: Trace, options: RiscvOptions, pairs: [number, number][]): void {
  const past = options.branchesReachPast ?? true;
  let addressed = 0;
  accesses.forEach((access, at) => {
    const { loc, addr, data, ctrl, ctrlPast } = access;
    for (let before = 0; before < at; before++) {
      const earlier = accesses[before]!;
      const bit = 1 << before;
      const device = isIo(earlier) && isIo(access) && earlier.loc === loc;
      const sameWrite = earlier.loc === loc && writes(access);
      const branch = writes(access) && ((past ? ctrlPast : ctrl) & bit) !== 0;
      if (device || sameWrite || ((addr | data) & bit) !== 0 || branch || (writes(access) && (addressed & bit) !== 0)) pairs.push([before, at]);
    }
    addressed |= addr;
  });
}

/** Rules that depend on who reads from whom. */
function addDynamic(algebra: Algebra, rel: Uint32Array, { combination, rf }: Execution): void {
  const { accesses, thread } = combination;
  for (let id = 0; id < accesses.length; id++) {
    const access = accesses[id]!;
    if (!reads(access) || isIo(access)) continue;
    const source = rf[id]!;
    const own = source >= 0 && thread[source] === thread[id];
    // Rule 3: a read of what an atomic of the same thread wrote.
    if (own && isRmw(accesses[source]!)) algebra.add(rel, source, id);
    // Rule 12: a read of a write of the same thread whose address or data come from an earlier read.
    if (own) addForwarded(algebra, rel, combination.first[thread[id]!]!, accesses[source]!.addr | accesses[source]!.data, id);
    // Rule 2: two reads of different writes, none of their own in between.
    for (let before = id - 1; before >= 0 && thread[before] === thread[id]; before--) {
      if (accesses[before]!.loc !== access.loc) continue;
      if (reads(accesses[before]!) && rf[before] !== source) algebra.add(rel, before, id);
      if (writes(accesses[before]!)) break;
    }
  }
}

function addForwarded(algebra: Algebra, rel: Uint32Array, first: number, from: number, to: number): void {
  for (let rest = from; rest !== 0; rest &= rest - 1) algebra.add(rel, first + 31 - Math.clz32(rest & -rest), to);
}

function riscv(name: string, version: string, options: RiscvOptions): Model {
  const key = `${name} ${JSON.stringify(options)}`;
  const preserved = (trace: Trace): Pairs => {
    const pairs: [number, number][] = [];
    for (const fence of trace.fences) {
      const orders = fence.kind === 'trap' && (options.trapEntryOrders ?? true) ? ([KIND.I, ALL] as const) : FENCES[fence.kind];
      if (orders) pairs.push(...fencePairs(trace, fence, ...orders));
    }
    ownOrder(trace, pairs);
    dependencies(trace, options, pairs);
    return pairs;
  };
  return oneOrderModel({ name, version, key, preserved, own: false, dynamic: addDynamic });
}

/** The architecture's model, devices apart from memory: only fences that name both, dependencies and the device itself order them. */
export const RVWMO: Model = riscv('rvwmo', 'RVWMO, with arch/riscv\'s mapping of operations to instructions', {});

/** {@link RVWMO} for code in C: a branch orders writes up to its end and no further, since the compiler may move what stands behind it. */
export function rvwmoIo(options: RiscvOptions = {}): Model {
  return riscv('rvio', 'RVWMO with an I/O domain', { branchesReachPast: false, ...options });
}
