/** How an access is marked. RMWs: `full`, `relaxed`, `acquire` or `release`; reads and writes: `once`, `acquire` or `release`. */
export type Order = 'once' | 'acquire' | 'release' | 'relaxed' | 'full';

export type AccessKind = 'read' | 'write' | 'rmw' | 'lock' | 'unlock' | 'is_locked' | 'io_read' | 'io_write' | 'io_rmw';

/** Barriers; `mb`, `rmb` and `wmb` are the `smp_` ones, those with `io_` reach devices too; `trap` stands for what entering an interrupt orders. */
export type FenceKind =
  | 'mb' | 'rmb' | 'wmb' | 'io_mb' | 'io_rmb' | 'io_wmb' | 'before_atomic' | 'after_atomic' | 'after_spinlock' | 'after_unlock_lock' | 'barrier' | 'trap';

/** A write to a device that sets or clears the bits that are 1 in it, and leaves the others as they are. */
export interface BitWrite { readonly how: 'set' | 'clear'; readonly bits: number }

/** One access of one thread's run. Dependencies are masks over earlier accesses of the same trace. */
export interface Access {
  readonly kind: AccessKind;
  /** Index of the location. */
  readonly loc: number;
  readonly order: Order;
  /** What it read; undefined for one that does not read. For a write of bits, what the device found there. */
  readonly read: number | undefined;
  /** What it wrote; undefined for one that does not write, a failed cmpxchg included. */
  readonly written: number | undefined;
  /** The value of a void atomic goes nowhere. */
  readonly noReturn: boolean;
  /** An I/O write that is ordered after earlier memory writes. */
  readonly ordered: boolean;
  /** The bits that an I/O write sets or clears; null for one that writes the whole word. */
  readonly bits: BitWrite | null;
  readonly addr: number;
  readonly data: number;
  /** Reads that decide whether it is made. */
  readonly ctrl: number;
  /** As `ctrl`, where a branch covers what comes after it too. */
  readonly ctrlPast: number;
  /** Whether what an RMW writes depends on what it reads. */
  readonly dependent: boolean;
  /** Where in the code; null when nobody asked. */
  readonly where: string | null;
  /** Nesting of interrupts: 0 for a task. */
  readonly depth: number;
  /** How many choices were made up to and with it. */
  readonly choices: number;
  /** It is the taking of an interrupt. */
  readonly trap: boolean;
  /** It is made by a CSR instruction, which has no relaxed form and no ordered one. */
  readonly csr: boolean;
}

/** A barrier, before the access of this index. */
export interface FenceMark {
  readonly kind: FenceKind;
  readonly at: number;
  readonly where: string | null;
  /** Nesting of interrupts, as of an access. */
  readonly depth: number;
  /** It is what a CSR access orders, and no barrier of the code. */
  readonly csr: boolean;
}

/** One run of one thread: what it did when its reads returned these values. */
export interface Trace {
  readonly accesses: readonly Access[];
  readonly fences: readonly FenceMark[];
  /** What the thread makes known at its end: registers of a litmus test. */
  readonly result: unknown;
  /** The choices that led to it: for a replay. */
  readonly path: readonly number[];
  /** Accesses kept in order for the sake of a question, whatever the code says; none in a run as it was made. */
  readonly imposed?: readonly (readonly [before: number, after: number])[];
  /** What models have worked out about it. */
  readonly derived: Map<string, unknown>;
}

export function reads(access: Access): boolean { return access.read !== undefined; }
export function writes(access: Access): boolean { return access.written !== undefined; }
/** Whether its thread reads: what is under the bits that it sets or clears, the device alone knows. */
export function learns(access: Access): boolean { return reads(access) && access.bits === null; }
export function isIo(access: Access): boolean { return access.kind === 'io_read' || access.kind === 'io_write' || access.kind === 'io_rmw'; }
/** Read and write in one: atomics, and taking a lock. */
export function isRmw(access: Access): boolean { return access.kind === 'rmw' || access.kind === 'lock' || access.kind === 'io_rmw'; }

/** Barriers of the code after one access and before another. */
export function fencesBetween({ fences }: Trace, after: number, before: number): FenceMark[] {
  return fences.filter(({ kind, at, csr }) => at > after && at <= before && kind !== 'trap' && kind !== 'barrier' && !csr);
}
