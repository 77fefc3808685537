// acme,bells: one bell a hart, on its external interrupt.
import { CPUHP } from '@irqchip/cpuhp';
import { chainedIrqEnter, chainedIrqExit, enablePercpuIrq, IRQ_TYPE, setChainedHandler, type IrqDesc } from '@irqchip/genirq-core';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { defineIrqchip } from '@irqchip/irqdomain';
import { HARTS, ofProcessorHartid, RISCV_IPI } from '@irqchip/riscv';

const RING = 0x0; // a word per row, write 1
const SILENCE = 0x100; // a word per row, write 1

export const driver = defineIrqchip(
  { compatible: 'acme,bells', services: [HARTS, IPI_MUX, RISCV_IPI, CPUHP] },
  ({ genirq, smp, regs, parents, parentIrq }, harts, muxes, ipi, cpuhp) => {
    const rowOf: number[] = [];
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = 4 * row; });
    // Only the boot hart's local controller has a domain: its bell's interrupt is every CPU's.
    const { virq } = parentIrq(rowOf[0]! / 4);
    for (const row of rowOf) regs.writel(SILENCE + row, 1);
    const mux = muxes.create({ nrIpi: 8, send: (cpu) => regs.writel(RING + rowOf[cpu]!, 1) });
    const bellsHandler = (desc: IrqDesc): void => {
      const { chip } = desc.irqData;
      chainedIrqEnter(chip, desc);
      regs.writel(SILENCE + rowOf[smp.cpus.current]!, 1);
      mux.process();
      chainedIrqExit(chip, desc);
    };
    setChainedHandler(genirq, virq, bellsHandler);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/bells:starting', () => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE), null);
    ipi.setVirqRange(mux.virq, 8);
  },
);
