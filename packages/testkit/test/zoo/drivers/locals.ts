// acme,locals: eight edge lines that each hart has for itself, in a row of registers of its own, on its external interrupt.
import { CPUHP } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, disablePercpuIrq, enablePercpuIrq, handlePercpuDevidIrq, IRQ_TYPE, setChainedHandler, setPercpuDevid,
  type IrqChip, type IrqDesc,
} from '@irqchip/genirq-core';
import { bits, defineIrqchip, genericHandleDomainIrq, irqDomainCreateLinear, irqDomainSetInfo, irqDomainXlateOnecell } from '@irqchip/irqdomain';
import { HARTS, ofProcessorHartid } from '@irqchip/riscv';

const LINES = 8;
const ROW = 0x10; // bytes of a hart's registers
const ENABLE = 0x0; // one bit per line, 1 = delivered
const PENDING = 0x4; // one bit per line, write 1 to clear

export const driver = defineIrqchip(
  { compatible: 'acme,locals', services: [HARTS, CPUHP] },
  ({ genirq, smp, domains, fwnode, regs, parents, parentIrq }, harts, cpuhp) => {
    const rowOf: number[] = [];
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = ROW * row; });
    const here = (): number => rowOf[smp.cpus.current]!;
    const chip: IrqChip = {
      name: 'locals',
      irqAck: ({ hwirq }) => regs.writel(here() + PENDING, 1 << hwirq),
      irqMask: ({ hwirq }) => regs.clearl(here() + ENABLE, 1 << hwirq),
      irqUnmask: ({ hwirq }) => regs.setl(here() + ENABLE, 1 << hwirq),
    };
    for (const row of rowOf) regs.writel(row + ENABLE, 0);
    const domain = irqDomainCreateLinear(domains, fwnode, LINES, {
      map: (mapped, virq, hwirq) => {
        setPercpuDevid(genirq, virq);
        irqDomainSetInfo(mapped, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
      },
      xlate: irqDomainXlateOnecell,
    }, null);
    const localsHandler = (desc: IrqDesc): void => {
      const { chip: parent } = desc.irqData;
      chainedIrqEnter(parent, desc);
      for (const hwirq of bits(regs.readl(here() + PENDING) & regs.readl(here() + ENABLE))) genericHandleDomainIrq(domain, hwirq);
      chainedIrqExit(parent, desc);
    };
    // Only the boot hart's local controller has a domain: its interrupt is every CPU's.
    const { virq } = parentIrq(rowOf[smp.cpus.current]! / ROW);
    setChainedHandler(genirq, virq, localsHandler);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/locals:starting',
      () => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE),
      () => disablePercpuIrq(genirq, virq));
  },
);
