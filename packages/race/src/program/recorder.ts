import { IrqError } from '@irqchip/smp';
import type { Access, AccessKind, FenceKind, FenceMark, Order, Trace } from './trace.ts';

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
}

export interface RmwTags extends AccessTags {
  readonly noReturn?: boolean;
  /** What is written depends on what is read; default true. */
  readonly dependent?: boolean;
}

/** The values that each location can hold, as far as they are known. */
export type Domains = readonly (readonly number[])[];

/** Accesses of one thread's run; dependency masks have as many bits. */
const MAX_ACCESSES = 31;

/** Runs one thread again and again, each time with other answers to its reads, until every answer was given. */
export class Recorder {
  private accesses: Access[] = [];
  private fences: FenceMark[] = [];
  private readonly path: number[] = [];
  private sizes: number[] = [];
  private depth = 0;

  constructor(private readonly domains: Domains) {}

  /** Every run of `thread`, in a fixed order. @throws Refused */
  runAll(thread: (memory: Recorder) => unknown, visit: (trace: Trace) => void): void {
    do {
      this.accesses = [];
      this.fences = [];
      this.sizes = [];
      this.depth = 0;
      const result = thread(this);
      if (result !== IMPOSSIBLE) visit({ accesses: this.accesses, fences: this.fences, result, derived: new Map() });
    } while (this.next());
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

  /** @param ordered - `writel` rather than `writel_relaxed`. */
  ioWrite(loc: number, value: number, ordered: boolean, tags: AccessTags = {}): void {
    this.access('io_write', loc, 'once', undefined, value, { ...tags, ordered });
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

  fence(kind: FenceKind, where: string | null = null): void {
    this.fences.push({ kind, at: this.accesses.length, where });
  }

  private readAs(kind: AccessKind, loc: number, order: Order, tags: AccessTags): number {
    const value = this.value(loc);
    this.access(kind, loc, order, value, undefined, tags);
    return value;
  }

  private value(loc: number): number {
    const domain = this.domains[loc]!;
    return domain[this.choose(domain.length)]!;
  }

  private access(
    kind: AccessKind, loc: number, order: Order, read: number | undefined, written: number | undefined, tags: RmwTags & { ordered?: boolean },
  ): void {
    if (this.accesses.length === MAX_ACCESSES) throw new Refused(`a thread makes more than ${MAX_ACCESSES} accesses`);
    this.accesses.push({
      kind, loc, order, read, written,
      noReturn: tags.noReturn ?? false, ordered: tags.ordered ?? false, dependent: tags.dependent ?? true,
      addr: tags.addr ?? 0, data: tags.data ?? 0, ctrl: tags.ctrl ?? 0, ctrlPast: tags.ctrlPast ?? tags.ctrl ?? 0,
      where: tags.where ?? null, depth: tags.depth ?? 0,
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
