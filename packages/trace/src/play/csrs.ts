import type { CsrPort } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { halves, joined } from './bus.ts';
import type { RecordedHarts } from './harts.ts';

/** CSRs that an IMSIC gives to a hart, those of its guest files included. */
const OF_DEVICES: Readonly<Record<string, number>> = {
  siselect: 0x150, sireg: 0x151, stopei: 0x15c,
  vsiselect: 0x250, vsireg: 0x251, vstopei: 0x25c,
  miselect: 0x350, mireg: 0x351, mtopei: 0x35c,
  hstatus: 0x600, hgeie: 0x607, hgeip: 0xe12,
};

/** The CSRs that steps read and write. */
export class RecordedCsrs {
  constructor(private readonly harts: RecordedHarts) {}

  /** Whether a recorded access can be repeated: no interrupt controller has a part in the others. */
  knows(csr: string): boolean { return csr === 'mip' || Object.hasOwn(OF_DEVICES, csr); }

  /** null: what a read gives says nothing of a controller. */
  read(hart: number, csr: string): bigint | null {
    if (csr === 'mip') return BigInt(this.harts.mip(hart));
    // Most of it is the hart's.
    if (csr === 'hstatus') return null;
    const port = this.port(hart, csr);
    return joined(port.read(), port.readHi?.() ?? 0);
  }

  write(hart: number, csr: string, value: bigint): void {
    const [low, high] = halves(value);
    if (csr === 'mip') this.harts.writeMip(hart, low);
    else this.port(hart, csr).write(low, high);
  }

  /** The line of a guest interrupt file: its bit in `hgeip`. */
  guestLine(hart: number, guest: number): boolean {
    const port = this.port(hart, 'hgeip');
    return ((guest < 32 ? port.read() >>> guest : (port.readHi?.() ?? 0) >>> (guest - 32)) & 1) !== 0;
  }

  private port(hart: number, csr: string): CsrPort {
    const port = this.harts.port(hart, OF_DEVICES[csr]!);
    if (port === undefined) throw new IrqError('ENODEV', `No model has given hart ${hart} the CSR ${csr}.`);
    return port;
  }
}
