/**
 * An array of 32-bit words that several CPUs share. Values are signed 32-bit patterns (bit 31 makes them negative), so no
 * access allocates. The plain name of a read-modify-write is fully ordered, as in the kernel; `Relaxed`, `Acquire` and
 * `Release` say otherwise.
 *
 * A machine runs its CPUs one at a time, so the plain back end ({@link LocalMemory}) needs no locks; another back end may
 * record every access and answer it in any order that the memory model allows.
 * @kernel atomic_t
 */
export interface SharedWords {
  /** What reports and checkers call these words. */
  readonly name: string;
  readonly length: number;
  /** @kernel READ_ONCE */
  readOnce(index: number): number;
  /** @kernel WRITE_ONCE */
  writeOnce(index: number, value: number): void;
  /** @kernel smp_load_acquire */
  loadAcquire(index: number): number;
  /** @kernel smp_store_release */
  storeRelease(index: number, value: number): void;
  /** @kernel atomic_fetch_or */
  fetchOr(index: number, bits: number): number;
  /** @kernel atomic_fetch_or_relaxed */
  fetchOrRelaxed(index: number, bits: number): number;
  /** @kernel atomic_fetch_or_acquire */
  fetchOrAcquire(index: number, bits: number): number;
  /** @kernel atomic_fetch_or_release */
  fetchOrRelease(index: number, bits: number): number;
  /** @kernel atomic_fetch_andnot */
  fetchAndNot(index: number, bits: number): number;
  /** @kernel atomic_fetch_andnot_relaxed */
  fetchAndNotRelaxed(index: number, bits: number): number;
  /** @kernel atomic_fetch_andnot_acquire */
  fetchAndNotAcquire(index: number, bits: number): number;
  /** @kernel atomic_fetch_andnot_release */
  fetchAndNotRelease(index: number, bits: number): number;
  /** @kernel atomic_fetch_add */
  fetchAdd(index: number, value: number): number;
  /** @kernel atomic_fetch_add_relaxed */
  fetchAddRelaxed(index: number, value: number): number;
  /** @kernel xchg */
  xchg(index: number, value: number): number;
  /** @kernel xchg_relaxed */
  xchgRelaxed(index: number, value: number): number;
  /** @kernel xchg_acquire */
  xchgAcquire(index: number, value: number): number;
  /** @kernel xchg_release */
  xchgRelease(index: number, value: number): number;
  /** Stores `value` if the word is `expected`; returns what the word was. @kernel cmpxchg */
  cmpxchg(index: number, expected: number, value: number): number;
  /** Unordered, returns nothing. @kernel atomic_or */
  or(index: number, bits: number): void;
  /** Unordered, returns nothing. @kernel atomic_andnot */
  andNot(index: number, bits: number): void;
}

/** Where shared words come from, and the barriers between accesses to them. */
export interface Memory {
  /** `length` words, all 0. */
  words(name: string, length: number): SharedWords;
  /** Full barrier between CPUs. @kernel smp_mb */
  smpMb(): void;
  /** @kernel smp_rmb */
  smpRmb(): void;
  /** @kernel smp_wmb */
  smpWmb(): void;
  /** @kernel smp_mb__before_atomic */
  smpMbBeforeAtomic(): void;
  /** @kernel smp_mb__after_atomic */
  smpMbAfterAtomic(): void;
  /** Full barrier, device accesses included. @kernel mb */
  mb(): void;
  /** @kernel rmb */
  rmb(): void;
  /** @kernel wmb */
  wmb(): void;
  /** How CPUs keep each other out, for a back end that runs each of them apart; without it a lock's own account is enough. */
  lockPort?(name: string): LockPort;
}

/** A lock as the memory sees it. */
export interface LockPort {
  /** Waits until it is free and takes it. */
  take(): void;
  release(): void;
}
