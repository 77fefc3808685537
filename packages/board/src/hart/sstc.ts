import { Timebase, type CsrPort } from '@irqchip/riscv';
import type { MachineClock } from '../clock/clock.ts';
import type { Hart } from './hart.ts';

const STIP = 5;
const TWO_32 = 2 ** 32;

/** The Sstc extension: the timer interrupt of a hart is pending while `time` has reached `stimecmp` (unsigned, 64 bits). */
export class Stimecmp implements CsrPort {
  private lo = -1;
  private hi = -1;
  private cancel: (() => void) | null = null;

  private readonly timebase: Timebase;

  constructor(private readonly hart: Hart, private readonly clock: MachineClock) {
    this.timebase = new Timebase(clock.timebaseHz);
  }

  read(): number { return this.lo; }
  readHi(): number { return this.hi; }

  write(lo: number, hi: number): void {
    this.lo = lo;
    this.hi = hi;
    this.cancel?.();
    this.cancel = null;
    const dueNs = this.timebase.nsAt((hi >>> 0) * TWO_32 + (lo >>> 0));
    if (dueNs <= this.clock.nowNs()) return this.hart.setLine(STIP, true);
    this.hart.setLine(STIP, false);
    if (Number.isSafeInteger(dueNs)) this.cancel = this.clock.at(dueNs, () => this.hart.setLine(STIP, true));
  }
}
