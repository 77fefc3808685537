import type { DeviceClock, HartLines } from '@irqchip/riscv';
import { Mtime } from './counter.ts';
import type { ClintOptions } from './options.ts';
import { drive, type Output } from './output.ts';

/**
 * MTIME and the comparators: the level of timer interrupt i is MTIME ≥ MTIMECMP[i], unsigned (ACLINT 2.3). Registers take
 * accesses of 4 and 8 bytes; others read 0 and are dropped. An 8-byte access comes as its low half, then its high one, and is
 * taken as one.
 */
export class TimerFile {
  private readonly time: Mtime;
  private readonly cmpLo: Int32Array;
  private readonly cmpHi: Int32Array;
  private readonly alarms: ((() => void) | null)[];
  private readonly late: boolean;
  private readonly halvesFromRaw: boolean;
  /** The half of an 8-byte access that waits for the other. */
  private latch = 0;

  constructor(private readonly outputs: readonly Output[], private readonly lines: HartLines, private readonly clock: DeviceClock, options: ClintOptions) {
    this.time = new Mtime(clock);
    const reset = options.mtimecmpReset === 'ones' ? -1 : 0;
    this.cmpLo = new Int32Array(outputs.length).fill(reset);
    this.cmpHi = new Int32Array(outputs.length).fill(reset);
    this.alarms = new Array<(() => void) | null>(outputs.length).fill(null);
    this.late = options.lateAlarms ?? false;
    this.halvesFromRaw = options.mtimeHalvesFromRaw ?? false;
    this.updateAll();
  }

  /** `offset` from MTIME. */
  readTime(offset: number, width: number): number {
    if (width < 4) return 0;
    const high = (offset & 4) !== 0;
    // The upper half of an 8-byte read belongs to the moment of the lower one.
    if (width === 8 && high) return this.latch;
    this.time.tick();
    this.latch = this.time.hi;
    return high ? this.time.hi : this.time.lo;
  }

  writeTime(offset: number, width: number, value: number): void {
    if (width < 4) return;
    const high = (offset & 4) !== 0;
    if (width === 8 && !high) {
      this.latch = value;
      return;
    }
    if (width === 8) this.time.set(this.latch, value);
    else this.time.setHalf(high, value, this.halvesFromRaw);
    this.updateAll();
  }

  /** `offset` from MTIMECMP[0]. */
  readCompare(offset: number, width: number): number {
    if (width < 4) return 0;
    const high = (offset & 4) !== 0;
    if (width === 8 && high) return this.latch;
    const index = offset >>> 3;
    this.latch = this.cmpHi[index] ?? 0;
    return high ? this.latch : (this.cmpLo[index] ?? 0);
  }

  writeCompare(offset: number, width: number, value: number): void {
    const index = offset >>> 3;
    if (width < 4) return;
    const high = (offset & 4) !== 0;
    if (width === 8 && !high) {
      this.latch = value;
      return;
    }
    if (index >= this.outputs.length) return;
    if (width === 8) this.cmpLo[index] = this.latch;
    (high ? this.cmpHi : this.cmpLo)[index] = value;
    this.update(index);
  }

  private updateAll(): void {
    for (let index = 0; index < this.outputs.length; index++) this.update(index);
  }

  /** Drives one output, and makes sure to be called again when it must change. */
  private update(index: number): void {
    this.alarms[index]?.();
    this.alarms[index] = null;
    this.time.tick();
    const ahead = this.time.ticksTo(this.cmpLo[index]!, this.cmpHi[index]!);
    drive(this.lines, this.outputs[index], ahead <= 0);
    // The level falls again when MTIME wraps around.
    this.arm(index, ahead > 0 ? ahead : this.time.ticksToWrap());
  }

  private arm(index: number, ahead: number): void {
    const ns = this.late ? this.time.nsFromNow(ahead) : this.time.nsAfter(ahead);
    // Beyond that, simulated time itself ends.
    if (ns <= Number.MAX_SAFE_INTEGER) this.alarms[index] = this.clock.at(ns, () => this.update(index));
  }
}
