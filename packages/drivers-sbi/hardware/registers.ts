const TWO_32 = 0x1_0000_0000;

/** Argument registers a0 to a5 of one call, each as two 32-bit patterns; on RV32 the high one is 0. */
export class CallRegisters {
  private readonly low = new Int32Array(6);
  private readonly high = new Int32Array(6);
  private readonly wide: boolean;

  constructor(xlen: 32 | 64) {
    this.wide = xlen === 64;
  }

  /** Takes a JavaScript number; negative ones are sign-extended, so -1 is all ones. */
  set(index: number, value: number): void {
    this.low[index] = value | 0;
    this.high[index] = this.wide ? Math.floor(value / TWO_32) | 0 : 0;
  }

  setHalves(index: number, lo: number, hi: number): void {
    this.low[index] = lo;
    this.high[index] = this.wide ? hi : 0;
  }

  lo(index: number): number { return this.low[index]!; }

  hi(index: number): number { return this.high[index]!; }

  /** The register as an unsigned number, but all ones as -1. Inexact from 2^53. */
  number(index: number): number {
    const lo = this.low[index]!;
    const hi = this.high[index]!;
    return (lo & hi) === -1 ? -1 : (hi >>> 0) * TWO_32 + (lo >>> 0);
  }
}
