import type { FenceKind, Order } from '@irqchip/litmus/internals';
import type { LockPort, Memory, SharedWords } from '@irqchip/smp';
import type { Tracer } from './tracer.ts';

/** Memory whose accesses are answered by the checker while it listens, and are plain before. */
export class RaceMemory implements Memory {
  private readonly made = new Map<string, number>();

  constructor(private readonly tracer: Tracer) {}

  words(name: string, length: number): SharedWords {
    return new RaceWords(this.tracer, this.unique(name), length);
  }

  lockPort(name: string): LockPort { return new RaceLock(this.tracer, this.unique(`lock ${name}`)); }

  smpMb(): void { this.fence('mb'); }
  smpRmb(): void { this.fence('rmb'); }
  smpWmb(): void { this.fence('wmb'); }
  smpMbBeforeAtomic(): void { this.fence('before_atomic'); }
  smpMbAfterAtomic(): void { this.fence('after_atomic'); }
  mb(): void { this.fence('io_mb'); }
  rmb(): void { this.fence('io_rmb'); }
  wmb(): void { this.fence('io_wmb'); }

  /** Several of one name are told apart by their order. */
  private unique(name: string): string {
    const before = this.made.get(name) ?? 0;
    this.made.set(name, before + 1);
    return before === 0 ? name : `${name}#${before + 1}`;
  }

  private fence(kind: FenceKind): void { this.tracer.fence(kind); }
}

/** A spinlock under the checker: while one CPU holds it, executions in which another takes it do not exist. */
class RaceLock implements LockPort {
  constructor(private readonly tracer: Tracer, private readonly name: string) {}

  take(): void {
    const { tracer } = this;
    if (!tracer.listening) return;
    tracer.before();
    tracer.recorder.lock(tracer.registry.locate(this.name, 'memory', 0), tracer.tags());
  }

  release(): void {
    const { tracer } = this;
    if (tracer.listening) tracer.recorder.unlock(tracer.registry.locate(this.name, 'memory', 0), tracer.tags());
  }
}

/** Shared words under the checker. */
class RaceWords implements SharedWords {
  private readonly plain: Int32Array;
  private readonly locs: Int32Array;

  constructor(private readonly tracer: Tracer, readonly name: string, readonly length: number) {
    this.plain = new Int32Array(length);
    this.locs = new Int32Array(length).fill(-1);
  }

  readOnce(index: number): number { return this.read(index, 'once'); }
  loadAcquire(index: number): number { return this.read(index, 'acquire'); }
  writeOnce(index: number, value: number): void { this.write(index, value, 'once'); }
  storeRelease(index: number, value: number): void { this.write(index, value, 'release'); }

  fetchOr(index: number, bits: number): number { return this.rmw(index, 'full', (old) => old | bits); }
  fetchOrRelaxed(index: number, bits: number): number { return this.rmw(index, 'relaxed', (old) => old | bits); }
  fetchOrAcquire(index: number, bits: number): number { return this.rmw(index, 'acquire', (old) => old | bits); }
  fetchOrRelease(index: number, bits: number): number { return this.rmw(index, 'release', (old) => old | bits); }
  fetchAndNot(index: number, bits: number): number { return this.rmw(index, 'full', (old) => old & ~bits); }
  fetchAndNotRelaxed(index: number, bits: number): number { return this.rmw(index, 'relaxed', (old) => old & ~bits); }
  fetchAndNotAcquire(index: number, bits: number): number { return this.rmw(index, 'acquire', (old) => old & ~bits); }
  fetchAndNotRelease(index: number, bits: number): number { return this.rmw(index, 'release', (old) => old & ~bits); }
  fetchAdd(index: number, value: number): number { return this.rmw(index, 'full', (old) => (old + value) | 0); }
  fetchAddRelaxed(index: number, value: number): number { return this.rmw(index, 'relaxed', (old) => (old + value) | 0); }
  xchg(index: number, value: number): number { return this.rmw(index, 'full', () => value | 0, false, false); }
  xchgRelaxed(index: number, value: number): number { return this.rmw(index, 'relaxed', () => value | 0, false, false); }
  xchgAcquire(index: number, value: number): number { return this.rmw(index, 'acquire', () => value | 0, false, false); }
  xchgRelease(index: number, value: number): number { return this.rmw(index, 'release', () => value | 0, false, false); }
  cmpxchg(index: number, expected: number, value: number): number {
    return this.rmw(index, 'full', (old) => (old === expected ? value | 0 : undefined), false, false);
  }
  or(index: number, bits: number): void { this.rmw(index, 'relaxed', (old) => old | bits, true); }
  andNot(index: number, bits: number): void { this.rmw(index, 'relaxed', (old) => old & ~bits, true); }

  private read(index: number, order: Order): number {
    const { tracer } = this;
    if (!tracer.listening) return this.plain[index]!;
    tracer.before();
    return tracer.recorder.read(this.loc(index), order, tracer.tags());
  }

  private write(index: number, value: number, order: Order): void {
    const { tracer } = this;
    if (!tracer.listening) {
      this.plain[index] = value;
      return;
    }
    tracer.before();
    tracer.recorder.write(this.loc(index), value | 0, order, tracer.tags());
  }

  private rmw(index: number, order: Order, change: (old: number) => number | undefined, noReturn = false, dependent = true): number {
    const { tracer } = this;
    if (!tracer.listening) {
      const old = this.plain[index]!;
      this.plain[index] = change(old) ?? old;
      return old;
    }
    tracer.before();
    return tracer.recorder.rmw(this.loc(index), order, change, { ...tracer.tags(), noReturn, dependent });
  }

  private loc(index: number): number {
    let loc = this.locs[index]!;
    if (loc < 0) loc = this.locs[index] = this.tracer.registry.locate(`${this.name}[${index}]`, 'memory', this.plain[index]!);
    return loc;
  }
}
