import type { CsrPort, HartLines } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import type { Hart } from './hart.ts';

/** The interrupt inputs of all harts, by hartid. */
export class MachineLines implements HartLines {
  private readonly byId = new Map<number, Hart>();

  constructor(harts: readonly Hart[]) {
    for (const hart of harts) this.byId.set(hart.hartid, hart);
  }

  setLine(hartid: number, irq: number, level: boolean): void { this.hart(hartid).setLine(irq, level); }
  pend(hartid: number, irq: number): void { this.hart(hartid).pend(irq); }
  clearPend(hartid: number, irq: number): void { this.hart(hartid).clearPend(irq); }
  isPending(hartid: number, irq: number): boolean { return (this.hart(hartid).ip & (1 << irq)) !== 0; }
  attachCsr(hartid: number, csr: number, port: CsrPort): void { this.hart(hartid).attach(csr, port); }

  private hart(hartid: number): Hart {
    const hart = this.byId.get(hartid);
    if (!hart) throw new IrqError('ENOENT', `This machine has no hart ${hartid}.`);
    return hart;
  }
}
