import { reads, writes, type Access, type FenceMark, type Trace } from '../program/trace.ts';

type Pairs = (readonly [before: number, after: number])[];

/** What the accesses and barriers of one trace order, over its events: an RMW is a read and then a write. */
export interface LocalOrders {
  /** Full barriers. */
  readonly strong: Pairs;
  /** Before a release. */
  readonly release: Pairs;
  readonly wmb: Pairs;
  /** From before an unlock to after a later lock. */
  readonly unlockLock: Pairs;
  /** The two halves of each RMW. */
  readonly rmw: Pairs;
  /** Address and data dependencies. */
  readonly dep: Pairs;
  /** The rest of what is preserved within the thread: acquire, rmb, and dependencies into writes and addresses. */
  readonly preserved: Pairs;
  /** By a lock's access, where a barrier after it stands that makes unlock and lock a full one: the number of the access after. */
  readonly after: ReadonlyMap<number, number>;
}

/** One event of a trace. */
interface Event { readonly access: Access; readonly at: number; readonly isWrite: boolean }

const KEY = 'lkmm';

/** {@link LocalOrders} of a trace, worked out once. */
export function localOrders(trace: Trace): LocalOrders {
  let orders = trace.derived.get(KEY) as LocalOrders | undefined;
  if (!orders) trace.derived.set(KEY, (orders = new Local(trace).orders()));
  return orders;
}

class Local {
  private readonly events: Event[] = [];
  /** By access. */
  private readonly readEvent: number[] = [];
  private readonly writeEvent: number[] = [];
  private readonly after = new Map<number, number>();

  constructor(private readonly trace: Trace) {
    trace.accesses.forEach((access, at) => {
      this.readEvent.push(reads(access) ? this.events.push({ access, at, isWrite: false }) - 1 : -1);
      this.writeEvent.push(writes(access) ? this.events.push({ access, at, isWrite: true }) - 1 : -1);
    });
  }

  orders(): LocalOrders {
    const strong = this.strong();
    const unlockLock = this.pairs((a, b) => this.between(a, b, 'unlock', 'lock'));
    return {
      strong,
      release: this.pairs((_, b) => b.isWrite && (b.access.order === 'release' || b.access.kind === 'unlock')),
      wmb: this.wmb(),
      unlockLock,
      rmw: this.trace.accesses.flatMap((access, at) => (reads(access) && writes(access) ? [[this.readEvent[at]!, this.writeEvent[at]!] as const] : [])),
      dep: this.dependencies(),
      preserved: this.preserved(),
      after: this.after,
    };
  }

  /** All pairs in program order for which `wanted` holds. */
  private pairs(wanted: (a: Event, b: Event) => boolean): Pairs {
    const found: Pairs = [];
    for (let b = 1; b < this.events.length; b++) {
      for (let a = 0; a < b; a++) if (wanted(this.events[a]!, this.events[b]!)) found.push([a, b]);
    }
    return found;
  }

  /** Whether an access of kind `first` and then one of kind `second` lie after `a` and before `b` (its own read may be `b`'s). */
  private between(a: Event, b: Event, first: Access['kind'], second: Access['kind']): boolean {
    const { accesses } = this.trace;
    let seen = false;
    for (let at = a.at + 1; at <= b.at; at++) {
      const { kind } = accesses[at]!;
      // After the lock's read comes its own write.
      if (seen && kind === second && (at < b.at || b.isWrite)) return true;
      seen ||= kind === first;
    }
    return false;
  }

  private strong(): Pairs {
    const pairs = this.pairs((a, b) => {
      // Full atomics are as if barriers stood around them.
      if (b.access.kind === 'rmw' && b.access.order === 'full' && !b.isWrite && writes(b.access)) return true;
      return a.access.kind === 'rmw' && a.access.order === 'full' && a.isWrite;
    });
    for (const fence of this.trace.fences) this.addFence(pairs, fence);
    for (const [before, after] of this.trace.imposed ?? []) pairs.push(...this.pairs((a, b) => a.at === before && b.at === after));
    return pairs;
  }

  private addFence(pairs: Pairs, { kind, at }: FenceMark): void {
    if (kind === 'mb' || kind === 'io_mb') this.addAround(pairs, at - 1, at);
    if (kind === 'before_atomic') this.forAccesses('rmw', at, Infinity, (rmw) => this.addAround(pairs, at - 1, rmw));
    if (kind === 'after_atomic') this.forAccesses('rmw', 0, at, (rmw) => this.addAround(pairs, rmw, at));
    if (kind === 'after_spinlock') this.forAccesses('lock', 0, at, (lock) => this.addAround(pairs, lock, at));
    if (kind === 'after_unlock_lock') {
      this.forAccesses('lock', 0, at, (lock) => {
        this.after.set(lock, Math.min(at, this.after.get(lock) ?? Infinity));
        this.forAccesses('unlock', 0, lock, (unlock) => this.addAround(pairs, unlock - 1, at));
      });
    }
  }

  private forAccesses(kind: Access['kind'], from: number, to: number, visit: (at: number) => void): void {
    this.trace.accesses.forEach((access, at) => {
      if (access.kind === kind && at >= from && at < to && writes(access)) visit(at);
    });
  }

  /** Orders events of accesses up to `last` before those from `first` on. */
  private addAround(pairs: Pairs, last: number, first: number): void {
    pairs.push(...this.pairs((a, b) => a.at <= last && b.at >= first));
  }

  private wmb(): Pairs {
    const pairs: Pairs = [];
    const marks = this.trace.fences.filter(({ kind }) => kind === 'wmb' || kind === 'io_wmb').map(({ at }) => at);
    // writel() begins with one.
    this.trace.accesses.forEach((access, at) => { if (access.kind === 'io_write' && access.ordered) marks.push(at); });
    for (const mark of marks) pairs.push(...this.pairs((a, b) => a.isWrite && b.isWrite && a.at < mark && b.at >= mark));
    return pairs;
  }

  private dependencies(): Pairs {
    const pairs: Pairs = [];
    this.events.forEach(({ access, at, isWrite }, event) => {
      for (let from = 0; from < at; from++) {
        const read = this.readEvent[from]!;
        if (read < 0) continue;
        if (((access.addr >>> from) & 1) !== 0 || (isWrite && ((access.data >>> from) & 1) !== 0)) pairs.push([read, event]);
      }
      if (isWrite && reads(access) && access.dependent) pairs.push([this.readEvent[at]!, event]);
    });
    return pairs;
  }

  private preserved(): Pairs {
    const rmbs = this.trace.fences.filter(({ kind }) => kind === 'rmb' || kind === 'io_rmb').map(({ at }) => at);
    const isRead = (event: Event): boolean => !event.isWrite && !event.access.noReturn;
    const pairs = this.pairs((a, b) => {
      if (isRead(a) && (a.access.order === 'acquire' || a.access.kind === 'lock')) return true;
      return isRead(a) && isRead(b) && rmbs.some((at) => a.at < at && b.at >= at);
    });
    this.events.forEach(({ access, at, isWrite }, event) => {
      for (let from = 0; from <= at; from++) {
        const read = this.readEvent[from]!;
        if (read < 0 || read >= event) continue;
        const [addr, data, ctrl] = [access.addr >>> from, access.data >>> from, access.ctrl >>> from];
        if ((addr & 1) !== 0 || (isWrite && ((data | ctrl) & 1) !== 0)) pairs.push([read, event]);
      }
      if (isWrite && reads(access) && access.dependent) pairs.push([this.readEvent[at]!, event]);
    });
    return pairs;
  }
}
