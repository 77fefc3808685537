// acme,fast: 32 lines, edge or level, each sent to any hart, claimed and completed there.
import { CPUHP } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, dataUpdateEffectiveAffinity, disablePercpuIrq, enablePercpuIrq, handleFasteoiIrq, IRQ_SET_MASK, IRQ_TYPE,
  setChainedHandler, type IrqChip, type IrqDesc,
} from '@irqchip/genirq-core';
import { defineIrqchip, genericHandleDomainIrq, IrqError, irqDomainCreateLinear, irqDomainSetInfo, irqDomainXlateTwocell } from '@irqchip/irqdomain';
import { HARTS, ofProcessorHartid } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';

const LINES = 32;
const ENABLE_SET = 0x0;
const ENABLE_CLEAR = 0x4;
const EDGE = 0x8; // one bit per line, 1 = rising edge
const TARGET = 0x100; // a word per line: which row of CLAIM
const CLAIM = 0x200; // a word per hart: read, line + 1 or 0; write, line + 1 is done

export const driver = defineIrqchip(
  { compatible: 'acme,fast', services: [HARTS, CPUHP] },
  ({ genirq, smp, domains, fwnode, regs, parents, parentIrq }, harts, cpuhp) => {
    const rowOf: number[] = [];
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = row; });
    const claim = (): number => CLAIM + 4 * rowOf[smp.cpus.current]!;
    const chip: IrqChip = {
      name: 'fast',
      irqMask: ({ hwirq }) => regs.writel(ENABLE_CLEAR, 1 << hwirq),
      irqUnmask: ({ hwirq }) => regs.writel(ENABLE_SET, 1 << hwirq),
      irqEoi: ({ hwirq }) => regs.writel(claim(), hwirq + 1),
      irqSetType: ({ hwirq }, type) => {
        if (type === IRQ_TYPE.EDGE_RISING) regs.setl(EDGE, 1 << hwirq);
        else if (type === IRQ_TYPE.LEVEL_HIGH) regs.clearl(EDGE, 1 << hwirq);
        else throw new IrqError('EINVAL', `fast: line ${hwirq} takes rising edges and high levels, not type ${type}`);
        return IRQ_SET_MASK.OK;
      },
      irqSetAffinity: (data, dest, force) => {
        const candidates = new CpuMask(smp.cpus.nrCpuIds).copy(dest);
        if (!force) candidates.and(smp.cpus.online);
        if (candidates.isEmpty()) throw new IrqError('EINVAL', `fast: no online CPU in ${dest.toList()}`);
        const cpu = candidates.first();
        regs.writel(TARGET + 4 * data.hwirq, rowOf[cpu]!);
        dataUpdateEffectiveAffinity(data, genirq.cpumaskOf(cpu));
        return IRQ_SET_MASK.OK;
      },
    };
    regs.writel(ENABLE_CLEAR, -1);
    const domain = irqDomainCreateLinear(domains, fwnode, LINES, {
      map: (mapped, virq, hwirq) => irqDomainSetInfo(mapped, virq, hwirq, chip, null, handleFasteoiIrq, null, null),
      xlate: irqDomainXlateTwocell,
    }, null);
    const fastHandler = (desc: IrqDesc): void => {
      const { chip: parent } = desc.irqData;
      chainedIrqEnter(parent, desc);
      for (let found = regs.readl(claim()); found !== 0; found = regs.readl(claim())) genericHandleDomainIrq(domain, found - 1);
      chainedIrqExit(parent, desc);
    };
    const { virq } = parentIrq(rowOf[smp.cpus.current]!);
    setChainedHandler(genirq, virq, fastHandler);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/fast:starting',
      () => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE),
      () => disablePercpuIrq(genirq, virq));
  },
);
