import type { IrqChip } from '@irqchip/genirq-core';
import { ANDES_CSR_SLIE, type Csr, type Harts } from '@irqchip/riscv';

/** First hwirq of the Andes custom supervisor interrupts; it and the following have their enable bits in `slie`. */
export const ANDES_SLI_CAUSE_BASE = 256;

/**
 * Mask and unmask act on the hart that executes them, whichever CPU the caller had in mind. There is no ack: the source must
 * be cleared by the driver behind. `irqEoi` does nothing and is there so that chained handlers of children need not mask,
 * ack and unmask around themselves.
 */
function makeChip(csr: Csr, harts: Harts, enableCsr: (hwirq: number) => number): IrqChip {
  const inHighHalf = (hwirq: number): boolean => harts.xlen === 64 && (hwirq & 32) !== 0;
  return {
    name: 'RISC-V INTC',
    irqMask: ({ hwirq }) => {
      const bit = 1 << (hwirq & 31);
      if (inHighHalf(hwirq)) csr.clear(enableCsr(hwirq), 0, bit);
      else csr.clear(enableCsr(hwirq), bit);
    },
    irqUnmask: ({ hwirq }) => {
      const bit = 1 << (hwirq & 31);
      if (inHighHalf(hwirq)) csr.set(enableCsr(hwirq), 0, bit);
      else csr.set(enableCsr(hwirq), bit);
    },
    irqEoi: () => undefined,
  };
}

/** @kernel riscv_intc_chip */
export function makeIntcChip(csr: Csr, harts: Harts): IrqChip {
  return makeChip(csr, harts, (hwirq) => (harts.xlen === 32 && hwirq >= 32 ? harts.csr.ieh : harts.csr.ie));
}

/** @kernel andes_intc_chip */
export function makeAndesIntcChip(csr: Csr, harts: Harts): IrqChip {
  return makeChip(csr, harts, (hwirq) => (hwirq < ANDES_SLI_CAUSE_BASE ? harts.csr.ie : ANDES_CSR_SLIE));
}
