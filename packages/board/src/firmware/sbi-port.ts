import type { LegacySbi } from '@irqchip/drivers-sbi';
import type { Cpus } from '@irqchip/smp';

/** Environment calls of the running hart. The return from the firmware is a point at which an interrupt may be taken. */
export class MachineSbi implements LegacySbi {
  value = 0;

  constructor(private readonly cpus: Cpus, private readonly port: LegacySbi) {}

  ecall(eid: number, fid: number, a0: number = 0, a1: number = 0, a2: number = 0): number {
    const error = this.port.ecall(eid, fid, a0, a1, a2);
    const { value } = this.port;
    this.cpus.boundary();
    // An interrupt that was taken just now may have called the firmware as well: the caller's result is the one above.
    this.value = value;
    return error;
  }

  storeHartMask(lo: number, hi: number): number { return this.port.storeHartMask(lo, hi); }
}
