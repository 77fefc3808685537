import type { Memory, SharedWords } from './memory.ts';

class LocalWords implements SharedWords {
  readonly name: string;
  readonly length: number;
  private readonly data: Int32Array;

  constructor(name: string, length: number) {
    this.name = name;
    this.length = length;
    this.data = new Int32Array(length);
  }

  readOnce(index: number): number { return this.data[index]!; }
  writeOnce(index: number, value: number): void { this.data[index] = value; }
  loadAcquire(index: number): number { return this.data[index]!; }
  storeRelease(index: number, value: number): void { this.data[index] = value; }

  fetchOr(index: number, bits: number): number {
    const old = this.data[index]!;
    this.data[index] = old | bits;
    return old;
  }

  fetchOrRelaxed(index: number, bits: number): number { return this.fetchOr(index, bits); }
  fetchOrAcquire(index: number, bits: number): number { return this.fetchOr(index, bits); }
  fetchOrRelease(index: number, bits: number): number { return this.fetchOr(index, bits); }

  fetchAndNot(index: number, bits: number): number {
    const old = this.data[index]!;
    this.data[index] = old & ~bits;
    return old;
  }

  fetchAndNotRelaxed(index: number, bits: number): number { return this.fetchAndNot(index, bits); }
  fetchAndNotAcquire(index: number, bits: number): number { return this.fetchAndNot(index, bits); }
  fetchAndNotRelease(index: number, bits: number): number { return this.fetchAndNot(index, bits); }

  fetchAdd(index: number, value: number): number {
    const old = this.data[index]!;
    this.data[index] = old + value;
    return old;
  }

  fetchAddRelaxed(index: number, value: number): number { return this.fetchAdd(index, value); }

  xchg(index: number, value: number): number {
    const old = this.data[index]!;
    this.data[index] = value;
    return old;
  }

  xchgRelaxed(index: number, value: number): number { return this.xchg(index, value); }
  xchgAcquire(index: number, value: number): number { return this.xchg(index, value); }
  xchgRelease(index: number, value: number): number { return this.xchg(index, value); }

  cmpxchg(index: number, expected: number, value: number): number {
    const old = this.data[index]!;
    if (old === (expected | 0)) this.data[index] = value;
    return old;
  }

  or(index: number, bits: number): void { this.data[index]! |= bits; }
  andNot(index: number, bits: number): void { this.data[index]! &= ~bits; }
}

/** The memory of a machine that runs one CPU at a time: plain words, and barriers that have nothing left to order. */
export class LocalMemory implements Memory {
  words(name: string, length: number): SharedWords { return new LocalWords(name, length); }
  smpMb(): void {}
  smpRmb(): void {}
  smpWmb(): void {}
  smpMbBeforeAtomic(): void {}
  smpMbAfterAtomic(): void {}
  mb(): void {}
  rmb(): void {}
  wmb(): void {}
}
