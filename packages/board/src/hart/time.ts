import { Timebase, type CsrPort } from '@irqchip/riscv';
import type { MachineClock } from '../clock/clock.ts';

const TWO_32 = 2 ** 32;

/** The `time` CSR: ticks of the timebase since power-on. Read-only. */
export class TimeCsr implements CsrPort {
  private readonly timebase: Timebase;

  constructor(private readonly clock: MachineClock) { this.timebase = new Timebase(clock.timebaseHz); }

  read(): number { return this.ticks() | 0; }
  readHi(): number { return Math.floor(this.ticks() / TWO_32) | 0; }
  write(): void { /* read-only */ }

  private ticks(): number { return this.timebase.ticksAt(this.clock.nowNs()); }
}
