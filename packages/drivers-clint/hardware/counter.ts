import { Timebase, type DeviceClock } from '@irqchip/riscv';

const WORD = 0x1_0000_0000;

/** MTIME: 64 bits that count at the timebase, 0 at reset, and may be written (ACLINT 2.2). */
export class Mtime {
  private readonly timebase: Timebase;
  /** MTIME minus the ticks since power-on, modulo 2^64. */
  private offsetLo = 0;
  private offsetHi = 0;
  /** MTIME, as of the last {@link tick}. */
  lo = 0;
  hi = 0;

  constructor(private readonly clock: DeviceClock) {
    this.timebase = new Timebase(clock.timebaseHz);
  }

  /** Brings {@link lo} and {@link hi} up to date. */
  tick(): void {
    const ticks = this.ticks();
    const low = (this.offsetLo >>> 0) + (ticks % WORD);
    this.lo = low | 0;
    this.hi = ((this.offsetHi >>> 0) + Math.floor(ticks / WORD) + (low >= WORD ? 1 : 0)) | 0;
  }

  set(lo: number, hi: number): void {
    const ticks = this.ticks();
    const low = (lo >>> 0) - (ticks % WORD);
    this.offsetLo = low | 0;
    this.offsetHi = ((hi >>> 0) - Math.floor(ticks / WORD) - (low < 0 ? 1 : 0)) | 0;
  }

  /** Writes one half; the other is MTIME's, or that of the time since power-on. */
  setHalf(high: boolean, value: number, fromRaw: boolean): void {
    this.tick();
    const ticks = this.ticks();
    const lo = fromRaw ? ticks | 0 : this.lo;
    const hi = fromRaw ? Math.floor(ticks / WORD) | 0 : this.hi;
    this.set(high ? lo : value, high ? value : hi);
  }

  /** Ticks until MTIME reaches `lo`, `hi`, as of the last {@link tick}: 0 or less when it has. Exact below 2^53. */
  ticksTo(lo: number, hi: number): number {
    const low = (lo >>> 0) - (this.lo >>> 0);
    return ((hi >>> 0) - (this.hi >>> 0) - (low < 0 ? 1 : 0)) * WORD + (low < 0 ? low + WORD : low);
  }

  /** Ticks until MTIME is 0 again. */
  ticksToWrap(): number {
    return (WORD - 1 - (this.hi >>> 0)) * WORD + (WORD - (this.lo >>> 0));
  }

  /** The time at which MTIME has counted `ticks` more. */
  nsAfter(ticks: number): number { return this.timebase.nsAt(this.ticks() + ticks); }

  /** The time that so many ticks take from now, wherever between two ticks now is. */
  nsFromNow(ticks: number): number { return this.clock.nowNs() + this.timebase.nsAt(ticks); }

  private ticks(): number { return this.timebase.ticksAt(this.clock.nowNs()); }
}
