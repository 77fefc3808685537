import type { CsrPort, HartLines } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import type { LineLevels } from '../format.ts';
import { lineNumber, NR_LINES } from '../lines.ts';

const MIP_BITS = 16;
/** Bits of `mip` that machine-level software may write: SSIP, STIP, SEIP. */
const WRITABLE = 0x222;

/** One recorded hart: its wires, what software holds pending in `mip`, and the CSRs of its devices. */
class RecordedHart {
  readonly wires = new Uint8Array(NR_LINES);
  /** What the recording saw of the wires. */
  readonly shown = new Uint8Array(NR_LINES);
  readonly ports = new Map<number, CsrPort>();
  soft = 0;
}

/** The harts of a recording, which run nothing: a level for every wire, and CSRs to be read from outside. */
export class RecordedHarts implements HartLines {
  private readonly harts: readonly RecordedHart[];

  /** Wires that no model drives stay as they are when the recording begins. */
  constructor(reset: readonly LineLevels[]) {
    this.harts = reset.map((levels) => {
      const hart = new RecordedHart();
      for (const [name, level] of Object.entries(levels)) hart.wires[lineNumber(name)] = Number(level);
      hart.shown.set(hart.wires);
      return hart;
    });
  }

  setLine(hartid: number, irq: number, level: boolean): void {
    const hart = this.hart(hartid);
    hart.wires[irq] = Number(level);
    hart.shown[irq] = Number(level);
  }

  /** A pulse. The recorded wire of such an interrupt goes up at the first and never comes down. */
  pend(hartid: number, irq: number): void {
    const hart = this.hart(hartid);
    hart.shown[irq] = 1;
    hart.soft |= 1 << irq;
  }

  clearPend(hartid: number, irq: number): void { this.hart(hartid).soft &= ~(1 << irq); }

  isPending(hartid: number, irq: number): boolean { return ((this.mip(hartid) >>> irq) & 1) !== 0; }

  attachCsr(hartid: number, csr: number, port: CsrPort): void { this.hart(hartid).ports.set(csr, port); }

  port(hartid: number, csr: number): CsrPort | undefined { return this.hart(hartid).ports.get(csr); }

  wire(hartid: number, irq: number): boolean { return this.hart(hartid).shown[irq] === 1; }

  /** What a read of `mip` gives. */
  mip(hartid: number): number {
    const { wires, soft } = this.hart(hartid);
    let bits = soft;
    for (let irq = 0; irq < MIP_BITS; irq++) bits |= wires[irq]! << irq;
    return bits;
  }

  writeMip(hartid: number, value: number): void { this.hart(hartid).soft = value & WRITABLE; }

  private hart(hartid: number): RecordedHart {
    const hart = this.harts[hartid];
    if (hart === undefined) throw new IrqError('ENOENT', `The recorded machine has harts 0 to ${this.harts.length - 1}, and no hart ${hartid}: a model drives a line that does not exist.`);
    return hart;
  }
}
