import { Timebase, type DeviceClock, type HardwareContext, type HardwareInstance, type HardwareModel, type HardwareTarget, type HartLines } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import {
  CLINT_MAX_HARTS, CLINT_MSIP_STRIDE, CLINT_MTIME, CLINT_MTIMECMP, CLINT_MTIMECMP_STRIDE,
} from '../src/registers.ts';
import { PostedClears } from './posted.ts';

const WORD = 0x1_0000_0000;

/** Switches of the model. */
export interface ClintOptions {
  /** MMIO clears of MSIP wait until the next read of the device or {@link Clint.flush}; sets do not wait for them. */
  readonly posted?: boolean;
  /** What MTIMECMP is at reset, which the specification leaves open: 0 (timer interrupt pending) or all ones. Default 0. */
  readonly mtimecmpReset?: 'zero' | 'ones';
}

/** One output of the device: a bit of one hart, or nothing where the device tree names no hart. */
type Output = HardwareTarget | undefined;

/**
 * A core-local interruptor: one software interrupt and one timer comparator a hart, one counter.
 *
 * Registers go by *index*, the position of the hart's entry in `interrupts-extended`. MTIP of index i is the level
 * MTIME ≥ MTIMECMP[i], unsigned. MTIME counts at the timebase and may be written. Software interrupts take 4-byte accesses,
 * the timer 4 and 8; anything else reads 0 and is dropped.
 */
export class Clint implements MmioDevice, HardwareInstance {
  readonly devices: readonly MmioDevice[] = [this];
  private readonly soft: readonly Output[];
  private readonly timer: readonly Output[];
  private readonly msip: Uint8Array;
  private readonly cmpLo: Int32Array;
  private readonly cmpHi: Int32Array;
  private readonly alarms: ((() => void) | null)[];
  private readonly lines: HartLines;
  private readonly clock: DeviceClock;
  private readonly timebase: Timebase;
  private readonly posted: PostedClears | null;
  /** MTIME minus the ticks since power-on, modulo 2^64. */
  private offsetLo = 0;
  private offsetHi = 0;
  /** MTIME, as of the last {@link tick}. */
  private nowLo = 0;
  private nowHi = 0;
  /** The half of an 8-byte access that waits for the other. */
  private latch = 0;

  constructor(ctx: HardwareContext, options: ClintOptions = ctx.options) {
    this.lines = ctx.lines;
    this.clock = ctx.clock;
    this.timebase = new Timebase(ctx.clock.timebaseHz);
    this.soft = ctx.targets.filter(({ irq }) => irq === 3 || irq === 1).slice(0, CLINT_MAX_HARTS);
    this.timer = ctx.targets.filter(({ irq }) => irq === 7 || irq === 5).slice(0, CLINT_MAX_HARTS);
    this.msip = new Uint8Array(this.soft.length);
    const reset = options.mtimecmpReset === 'ones' ? -1 : 0;
    this.cmpLo = new Int32Array(this.timer.length).fill(reset);
    this.cmpHi = new Int32Array(this.timer.length).fill(reset);
    this.alarms = new Array<(() => void) | null>(this.timer.length).fill(null);
    this.posted = options.posted === true ? new PostedClears((index) => this.setMsip(index, 0)) : null;
    this.updateAll();
  }

  /** Lets posted clears arrive. */
  flush(): void { this.posted?.flush(); }

  /** How many clears are under way. */
  get postedCount(): number { return this.posted?.count ?? 0; }

  read(offset: number, width: number): number {
    this.flush();
    if (offset < CLINT_MTIMECMP) return width >= 4 ? (this.msip[offset / CLINT_MSIP_STRIDE] ?? 0) : 0;
    if (width < 4 || offset >= CLINT_MTIME + 8) return 0;
    const high = (offset & 4) !== 0;
    // The upper half of an 8-byte read belongs to the moment of the lower one.
    if (width === 8 && high) return this.latch;
    if (offset >= CLINT_MTIME) {
      this.tick();
      this.latch = this.nowHi;
      return high ? this.nowHi : this.nowLo;
    }
    const index = (offset - CLINT_MTIMECMP) >>> 3;
    this.latch = this.cmpHi[index] ?? 0;
    return high ? this.latch : (this.cmpLo[index] ?? 0);
  }

  write(offset: number, width: number, value: number): void {
    if (width < 4 || offset >= CLINT_MTIME + 8) return;
    if (offset < CLINT_MTIMECMP) this.writeMsip(offset / CLINT_MSIP_STRIDE, value & 1);
    else if (width === 4) this.writeHalf(offset, value);
    else if ((offset & 4) === 0) this.latch = value;
    else this.writeBoth(offset - 4, this.latch, value);
  }

  private writeMsip(index: number, value: number): void {
    if (index >= this.soft.length) return;
    if (value === 0 && this.posted !== null) this.posted.post(index);
    else this.setMsip(index, value);
  }

  private setMsip(index: number, value: number): void {
    this.msip[index] = value;
    this.drive(this.soft[index], value !== 0);
  }

  private writeHalf(offset: number, value: number): void {
    const high = (offset & 4) !== 0;
    if (offset >= CLINT_MTIME) {
      this.tick();
      this.writeBoth(CLINT_MTIME, high ? this.nowLo : value, high ? value : this.nowHi);
      return;
    }
    const index = (offset - CLINT_MTIMECMP) >>> 3;
    if (index >= this.timer.length) return;
    (high ? this.cmpHi : this.cmpLo)[index] = value;
    this.update(index);
  }

  private writeBoth(offset: number, lo: number, hi: number): void {
    if (offset >= CLINT_MTIME) {
      this.setTime(lo, hi);
      return;
    }
    const index = (offset - CLINT_MTIMECMP) / CLINT_MTIMECMP_STRIDE;
    if (index >= this.timer.length) return;
    this.cmpLo[index] = lo;
    this.cmpHi[index] = hi;
    this.update(index);
  }

  private setTime(lo: number, hi: number): void {
    const ticks = this.timebase.ticksAt(this.clock.nowNs());
    const low = (lo >>> 0) - (ticks % WORD);
    this.offsetLo = low | 0;
    this.offsetHi = ((hi >>> 0) - Math.floor(ticks / WORD) - (low < 0 ? 1 : 0)) | 0;
    this.updateAll();
  }

  /** Brings nowLo and nowHi up to date. */
  private tick(): void {
    const ticks = this.timebase.ticksAt(this.clock.nowNs());
    const low = (this.offsetLo >>> 0) + (ticks % WORD);
    this.nowLo = low | 0;
    this.nowHi = ((this.offsetHi >>> 0) + Math.floor(ticks / WORD) + (low >= WORD ? 1 : 0)) | 0;
  }

  private updateAll(): void {
    for (let index = 0; index < this.timer.length; index++) this.update(index);
  }

  /** Drives MTIP of one index, and makes sure to be called again when it must change. */
  private update(index: number): void {
    this.alarms[index]?.();
    this.alarms[index] = null;
    this.tick();
    const low = (this.cmpLo[index]! >>> 0) - (this.nowLo >>> 0);
    const ahead = ((this.cmpHi[index]! >>> 0) - (this.nowHi >>> 0) - (low < 0 ? 1 : 0)) * WORD + (low < 0 ? low + WORD : low);
    this.drive(this.timer[index], ahead <= 0);
    this.arm(index, ahead > 0 ? ahead : this.ticksToWrap());
  }

  /** The level falls again when MTIME wraps around. */
  private ticksToWrap(): number {
    return (WORD - 1 - (this.nowHi >>> 0)) * WORD + (WORD - (this.nowLo >>> 0));
  }

  private arm(index: number, ahead: number): void {
    const ns = this.timebase.nsAt(this.timebase.ticksAt(this.clock.nowNs()) + ahead);
    // Beyond that, simulated time itself ends.
    if (ns <= Number.MAX_SAFE_INTEGER) this.alarms[index] = this.clock.at(ns, () => this.update(index));
  }

  private drive(output: Output, level: boolean): void {
    if (output !== undefined && output.hartid !== null) this.lines.setLine(output.hartid, output.irq, level);
  }
}

/** The model of `riscv,clint0`; options: {@link ClintOptions}. */
export const clintModel: Omit<HardwareModel, 'create'> & { create(ctx: HardwareContext): Clint } = {
  compatible: ['riscv,clint0', 'sifive,clint0'],
  create: (ctx) => new Clint(ctx),
};
