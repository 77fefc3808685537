import { IrqError } from '@irqchip/smp';
import type { Access, AccessKind, BitWrite, FenceKind, FenceMark, Order, Trace } from './trace.ts';

/** A test or a driver does what the engine does not model. The message is the reason. */
export class Refused extends Error {}

/** This run cannot be part of any execution, such as one that takes a number for an address. */
export const IMPOSSIBLE: unique symbol = Symbol('impossible');

/** What may be said about an access besides what it does. */
export interface AccessTags {
  readonly addr?: number;
  readonly data?: number;
  readonly ctrl?: number;
  readonly ctrlPast?: number;
  readonly where?: string | null;
  readonly depth?: number;
  readonly csr?: boolean;
}

export interface RmwTags extends AccessTags {
  readonly noReturn?: boolean;
  /** What is written depends on what is read; default true. */
  readonly dependent?: boolean;
}

/** What a thread can read besides what it wrote itself: initial values, and what others write, as far as it is known. */
export interface Domains {
  readonly init: readonly number[];
  readonly others: readonly (ReadonlySet<number> | undefined)[];
  /** How many writes to each location others make at most. */
  readonly counts: readonly (number | undefined)[];
}

/** Accesses of one thread's run; dependency masks have as many bits. */
const MAX_ACCESSES = 31;

/** Runs one thread again and again, each time with other answers to its reads, until every answer was given. */
export class Recorder {
  private accesses: Access[] = [];
  private fences: FenceMark[] = [];
  private readonly path: number[] = [];
  private sizes: number[] = [];
  private depth = 0;
  /** A read that is to return a value of our choice, by its number. */
  private override: { readonly access: number; readonly value: number } | null = null;
  /** What this run wrote last, by location. */
  private readonly own = new Map<number, number>();
  /** How many writes of others this run needs at least, by location: each of its own writes hides those before. */
  private readonly used = new Map<number, number>();
  /** Locations that it wrote since it last read what another had written there. */
  private readonly hidden = new Set<number>();

  constructor(private readonly domains: Domains) {}

  /** Every run of `thread`, in a fixed order. @throws Refused */
  runAll(thread: (memory: Recorder) => unknown, visit: (trace: Trace) => void): void {
    do this.runOnce(thread, visit); while (this.next());
  }

  /**
   * The accesses of a run that goes as `path` says up to the access of this number, which reads `value`, whether or not anybody
   * writes it there; null when it comes to nothing. For asking what depends on a read.
   */
  whatIf(thread: (memory: Recorder) => unknown, path: readonly number[], access: number, value: number): readonly Access[] | null {
    this.path.splice(0, this.path.length, ...path);
    this.override = { access, value };
    let found: readonly Access[] | null = null;
    try {
      this.runOnce(thread, ({ accesses }) => { found = accesses; });
    } catch (error) {
      // A value that nobody writes may lead anywhere.
      if (!(error instanceof Refused || error instanceof IrqError)) throw error;
    } finally {
      this.override = null;
      this.path.length = 0;
    }
    return found;
  }

  /** The run of the answers that come next. */
  runOnce(thread: (memory: Recorder) => unknown, visit: (trace: Trace) => void): void {
    this.accesses = [];
    this.fences = [];
    this.sizes = [];
    this.depth = 0;
    this.own.clear();
    this.used.clear();
    this.hidden.clear();
    const result = thread(this);
    if (result !== IMPOSSIBLE) visit({ accesses: this.accesses, fences: this.fences, result, path: this.path.slice(0, this.sizes.length), derived: new Map() });
  }

  /** The number that the next access will have: its bit in a dependency mask. */
  get nextIndex(): number { return this.accesses.length; }

  /** One of `count` ways to go on. */
  choose(count: number): number {
    if (count === 0) throw new IrqError('EINVAL', 'There is nothing to choose from.');
    const at = this.depth++;
    if (at === this.path.length) this.path.push(0);
    this.sizes.push(count);
    return this.path[at]!;
  }

  read(loc: number, order: Order, tags: AccessTags = {}): number {
    return this.readAs('read', loc, order, tags);
  }

  write(loc: number, value: number, order: Order, tags: AccessTags = {}): void {
    this.access('write', loc, order, undefined, value, tags);
  }

  ioRead(loc: number, tags: AccessTags = {}): number {
    return this.readAs('io_read', loc, 'once', tags);
  }

  /**
   * Whether the interrupt of a line is taken now, where it can be: the line must read as raised. What follows depends on it.
   */
  trap(line: number, tags: AccessTags = {}): boolean {
    const raised = this.readable(line).filter((value) => value !== 0);
    if (raised.length === 0) return false;
    const choice = this.choose(raised.length + 1);
    if (choice === 0) return false;
    this.readFrom(line, raised[choice - 1]!);
    this.access('io_read', line, 'once', raised[choice - 1], undefined, { ...tags, trap: true });
    this.fence('trap', { where: tags.where ?? null, depth: (tags.depth ?? 0) + 1 });
    return true;
  }

  /** Reads a device register and writes it, in one instruction. Returns what was read. */
  ioRmw(loc: number, change: (old: number) => number, tags: AccessTags = {}): number {
    const old = this.value(loc);
    this.access('io_rmw', loc, 'once', old, change(old), tags);
    return old;
  }

  /** @param ordered - `writel` rather than `writel_relaxed`. */
  ioWrite(loc: number, value: number, ordered: boolean, tags: AccessTags = {}): void {
    this.access('io_write', loc, 'once', undefined, value, { ...tags, ordered });
  }

  /** Has a device register set or clear bits, by a write. */
  ioBits(loc: number, bits: BitWrite, ordered: boolean, tags: AccessTags = {}): void {
    const old = this.value(loc);
    this.access('io_write', loc, 'once', old, bits.how === 'set' ? old | bits.bits : old & ~bits.bits, { ...tags, ordered, bits, noReturn: true });
  }

  /** `change` is given what is read and returns what is written, undefined for nothing. Returns what was read. */
  rmw(loc: number, order: Order, change: (old: number) => number | undefined, tags: RmwTags = {}): number {
    const old = this.value(loc);
    const next = change(old);
    // What is compared and not exchanged orders nothing.
    this.access('rmw', loc, next === undefined ? 'relaxed' : order, old, next, tags);
    return old;
  }

  /** A lock that is held is waited for: only a free one can be taken. */
  lock(loc: number, tags: AccessTags = {}): void { this.access('lock', loc, 'acquire', 0, 1, tags); }
  unlock(loc: number, tags: AccessTags = {}): void { this.access('unlock', loc, 'release', undefined, 0, tags); }
  isLocked(loc: number, tags: AccessTags = {}): number { return this.readAs('is_locked', loc, 'once', tags); }

  fence(kind: FenceKind, { where = null, depth = 0, csr = false }: Partial<FenceMark> = {}): void {
    this.fences.push({ kind, at: this.accesses.length, where, depth, csr });
  }

  private readAs(kind: AccessKind, loc: number, order: Order, tags: AccessTags): number {
    const value = this.value(loc);
    this.access(kind, loc, order, value, undefined, tags);
    return value;
  }

  private value(loc: number): number {
    if (this.override !== null && this.override.access === this.accesses.length) return this.override.value;
    const domain = this.readable(loc);
    const value = domain.length === 1 ? domain[0]! : domain[this.choose(domain.length)]!;
    this.readFrom(loc, value);
    return value;
  }

  private ownValue(loc: number): number { return this.own.get(loc) ?? this.domains.init[loc]!; }

  /** A value that is not the thread's own came from another's write, and after an own write from one not yet seen. */
  private readFrom(loc: number, value: number): void {
    if (value === this.ownValue(loc)) return;
    if (this.hidden.delete(loc) || !this.used.has(loc)) this.used.set(loc, (this.used.get(loc) ?? 0) + 1);
  }

  /** Coherence leaves a read its thread's own last write, or the initial value, and what others write. */
  private readable(loc: number): readonly number[] {
    const own = this.ownValue(loc);
    const others = this.domains.others[loc];
    if (others === undefined || others.size === 0) return [own];
    if (this.hidden.has(loc) && (this.used.get(loc) ?? 0) >= (this.domains.counts[loc] ?? 0)) return [own];
    return others.has(own) ? [...others] : [own, ...others];
  }

  private access(
    kind: AccessKind, loc: number, order: Order, read: number | undefined, written: number | undefined, tags: RmwTags & { ordered?: boolean; bits?: BitWrite; trap?: boolean },
  ): void {
    if (written !== undefined) {
      this.own.set(loc, written);
      this.hidden.add(loc);
    }
    if (this.accesses.length === MAX_ACCESSES) throw new Refused(`a thread makes more than ${MAX_ACCESSES} accesses`);
    this.accesses.push({
      kind, loc, order, read, written,
      noReturn: tags.noReturn ?? false, ordered: tags.ordered ?? false, bits: tags.bits ?? null, dependent: tags.dependent ?? true,
      addr: tags.addr ?? 0, data: tags.data ?? 0, ctrl: tags.ctrl ?? 0, ctrlPast: tags.ctrlPast ?? tags.ctrl ?? 0,
      where: tags.where ?? null, depth: tags.depth ?? 0, trap: tags.trap ?? false, csr: tags.csr ?? false, choices: this.depth,
    });
  }

  /** To the next path, as an odometer; false after the last. */
  private next(): boolean {
    const { path, sizes } = this;
    path.length = sizes.length;
    while (path.length > 0 && path[path.length - 1]! + 1 >= sizes[path.length - 1]!) path.pop();
    if (path.length === 0) return false;
    path[path.length - 1]!++;
    return true;
  }
}
