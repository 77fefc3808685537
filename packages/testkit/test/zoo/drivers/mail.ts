// acme,mail: a mailbox a hart, each of its 32 bits an IPI of its own, on that hart's external interrupt.
import { CPUHP } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, disablePercpuIrq, enablePercpuIrq, handlePercpuDevidIrq, IRQ_TYPE, setChainedHandler, setPercpuDevid,
  type IrqChip, type IrqDesc,
} from '@irqchip/genirq-core';
import {
  defineIrqchip, DOMAIN_BUS, genericHandleDomainIrq, IRQ_DOMAIN_FLAG, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainFreeIrqsTop,
  irqDomainSetInfo, irqDomainUpdateBusToken,
} from '@irqchip/irqdomain';
import { HARTS, ofProcessorHartid, RISCV_IPI } from '@irqchip/riscv';

const BITS = 32;
// A word each for up to four rows.
const CONTROL = 0x0; // 1 = what is in the mailbox interrupts
const SET = 0x10; // write bits to set
const CLEAR = 0x20; // read what is set, write bits to clear

export const driver = defineIrqchip(
  { compatible: 'acme,mail', services: [HARTS, RISCV_IPI, CPUHP] },
  ({ genirq, smp, domains, fwnode, regs, parents, parentIrq }, harts, ipi, cpuhp) => {
    const rowOf: number[] = [];
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = 4 * row; });
    const own = (): number => rowOf[smp.cpus.current]!;
    const chip: IrqChip = {
      name: 'mail',
      irqMask: () => undefined, // the mailbox is masked as a whole
      irqUnmask: () => undefined,
      irqAck: ({ hwirq }) => regs.writel(CLEAR + own(), 1 << hwirq),
      ipiSendMask: ({ hwirq }, mask) => { for (const cpu of mask) regs.writel(SET + rowOf[cpu]!, 1 << hwirq); },
    };
    for (const row of rowOf) {
      regs.writel(CONTROL + row, 0);
      regs.writel(CLEAR + row, -1);
    }
    const domain = irqDomainCreateLinear(domains, fwnode, BITS, {
      alloc: (_domain, virq, nr) => {
        for (let bit = 0; bit < nr; bit++) {
          setPercpuDevid(genirq, virq + bit);
          irqDomainSetInfo(domain, virq + bit, bit, chip, null, handlePercpuDevidIrq, null, null);
        }
      },
      free: irqDomainFreeIrqsTop,
    }, null);
    domain.flags |= IRQ_DOMAIN_FLAG.IPI_SINGLE;
    irqDomainUpdateBusToken(domain, DOMAIN_BUS.IPI);
    ipi.setVirqRange(irqDomainAllocIrqs(domain, BITS, -1, null), BITS);

    const mailHandler = (desc: IrqDesc): void => {
      const { chip: parent } = desc.irqData;
      chainedIrqEnter(parent, desc);
      const set = regs.readl(CLEAR + own());
      // What else is set interrupts again.
      if (set !== 0) genericHandleDomainIrq(domain, 31 - Math.clz32(set & -set));
      chainedIrqExit(parent, desc);
    };
    const { virq } = parentIrq(own() / 4);
    setChainedHandler(genirq, virq, mailHandler);
    cpuhp.setupState('CPUHP_AP_IRQ_BCM2836_STARTING', 'acme/mail:starting', () => {
      enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE);
      regs.writel(CONTROL + own(), 1);
    }, () => {
      regs.writel(CONTROL + own(), 0);
      disablePercpuIrq(genirq, virq);
    });
  },
);
