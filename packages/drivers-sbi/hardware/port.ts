import type { LegacySbi } from '../src/registers.ts';
import { CallRegisters } from './registers.ts';

/** What a {@link FirmwarePort} calls into. */
export interface FirmwareCalls {
  /** One environment call of `hartid`; sets `port.value` if the call has a result. Returns the error. */
  call(hartid: number, eid: number, fid: number, port: FirmwarePort): number;
  storeHartMask(hartid: number, lo: number, hi: number): number;
}

/** The way into the firmware for whatever hart runs. */
export class FirmwarePort implements LegacySbi {
  /** sbiret.value of the last call. */
  value = 0;
  readonly args: CallRegisters;
  private readonly firmware: FirmwareCalls;
  private readonly running: () => number;

  constructor(firmware: FirmwareCalls, xlen: 32 | 64, running: () => number) {
    this.args = new CallRegisters(xlen);
    this.firmware = firmware;
    this.running = running;
  }

  ecall(eid: number, fid: number, a0 = 0, a1 = 0, a2 = 0): number {
    this.args.set(0, a0);
    this.args.set(1, a1);
    this.args.set(2, a2);
    return this.firmware.call(this.running(), eid, fid, this);
  }

  /** As {@link ecall}, with a0 and a1 given as halves: for hart masks of 64 bits. */
  ecallHalves(eid: number, fid: number, a0: readonly [lo: number, hi: number], a1: readonly [lo: number, hi: number] = [0, 0]): number {
    this.args.setHalves(0, a0[0], a0[1]);
    this.args.setHalves(1, a1[0], a1[1]);
    this.args.set(2, 0);
    return this.firmware.call(this.running(), eid, fid, this);
  }

  /** Puts a legacy hart mask where the firmware finds it; returns its address. */
  storeHartMask(lo: number, hi: number): number {
    return this.firmware.storeHartMask(this.running(), lo, hi);
  }
}
