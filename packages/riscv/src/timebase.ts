import { IrqError } from '@irqchip/smp';

const NS_PER_SEC = 1_000_000_000;
const SPLIT = 0x8000;

/** floor(x · num / den), exact for x, num, den up to 2^30 although the product is not. */
function mulDiv(x: number, num: number, den: number): number {
  const high = Math.floor(x / SPLIT) * num;
  const rest = (high % den) * SPLIT + (x % SPLIT) * num;
  return Math.floor(high / den) * SPLIT + Math.floor(rest / den);
}

/** Ticks of a counter of `hz` that was 0 at power-on, against ns; exact for all of the simulated time. For device models. */
export class Timebase {
  readonly hz: number;

  constructor(hz: number) {
    if (!Number.isInteger(hz) || hz < 1 || hz > NS_PER_SEC) throw new IrqError('EINVAL', `A timebase of ${hz} Hz cannot be counted in ns; give 1 to 1000000000.`);
    this.hz = hz;
  }

  /** The counter at `ns`. */
  ticksAt(ns: number): number {
    return Math.floor(ns / NS_PER_SEC) * this.hz + mulDiv(Math.floor(ns % NS_PER_SEC), this.hz, NS_PER_SEC);
  }

  /** The first ns at which the counter is `ticks` or more. */
  nsAt(ticks: number): number {
    const ns = Math.floor(ticks / this.hz) * NS_PER_SEC + mulDiv(ticks % this.hz, NS_PER_SEC, this.hz);
    return this.ticksAt(ns) < ticks ? ns + 1 : ns;
  }
}
