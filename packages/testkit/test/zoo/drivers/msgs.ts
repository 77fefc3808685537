// acme,msgs: a page per hart; a store of n there makes message n of that hart pending. Messages are 1 to 15.
import { CPUHP } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, dataUpdateEffectiveAffinity, disablePercpuIrq, enablePercpuIrq, genericHandleIrq, handleEdgeIrq, IRQ_SET_MASK,
  IRQ_TYPE, setChainedHandler, type IrqChip, type IrqData, type IrqDesc,
} from '@irqchip/genirq-core';
import { DOMAIN_BUS, defineIrqchip, IrqError, irqDomainGetIrqData, irqDomainSetInfo } from '@irqchip/irqdomain';
import {
  MSI_CHIP_FLAG, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiCreateParentIrqDomain, msiLibInitDevMsiInfo, msiLibIrqDomainSelect,
} from '@irqchip/msi';
import { HARTS, ofProcessorHartid } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';

const PAGE = 0x1000;
const IDS = 15;
const SEND = 0x0; // write n; anything else counts as bad
const TAKE = 0x4; // read: the lowest that is pending and enabled, no longer pending then; 0 for none
const ENABLE = 0x8; // one bit per message
const PENDING = 0xc; // one bit per message, write 1 to clear
const BAD = 0x10; // how many bad stores there were, which interrupts; write anything to forget them

interface Vector { readonly cpu: number; readonly id: number; readonly virq: number }

export const driver = defineIrqchip(
  { compatible: 'acme,msgs', services: [HARTS, CPUHP] },
  ({ genirq, smp, domains, fwnode, regs, parents, parentIrq }, harts, cpuhp) => {
    const pageOf: number[] = [];
    parents.forEach(({ node }, row) => { pageOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = PAGE * row; });
    for (const page of pageOf) {
      regs.writel(page + ENABLE, 0);
      regs.writel(page + PENDING, -1);
      regs.writel(page + BAD, 0);
    }
    const used: (Vector | null)[][] = pageOf.map(() => new Array<Vector | null>(IDS + 1).fill(null));

    const alloc = (virq: number, candidates: CpuMask): Vector => {
      for (const cpu of candidates) for (let id = 1; id <= IDS; id++) {
        if (used[cpu]![id] !== null) continue;
        const vector = { cpu, id, virq };
        used[cpu]![id] = vector;
        return vector;
      }
      throw new IrqError('ENOSPC', `msgs: no message is left on CPUs ${candidates.toList()}`);
    };
    const vectorOf = ({ chipData }: IrqData): Vector => chipData as Vector;
    const enable = ({ cpu, id }: Vector): void => regs.setl(pageOf[cpu]! + ENABLE, 1 << id);
    const disable = ({ cpu, id }: Vector): void => regs.clearl(pageOf[cpu]! + ENABLE, 1 << id);

    const chip: IrqChip = {
      name: 'msgs',
      irqAck: () => undefined, // taking it was all
      irqMask: (data) => disable(vectorOf(data)),
      irqUnmask: (data) => enable(vectorOf(data)),
      irqComposeMsiMsg: (data, msg) => {
        const { cpu, id } = vectorOf(data);
        Object.assign(msg, { addressHi: 0, addressLo: regs.base + pageOf[cpu]! + SEND, data: id });
      },
      irqSetAffinity: (data, dest, force) => {
        const candidates = new CpuMask(smp.cpus.nrCpuIds).copy(dest);
        if (!force) candidates.and(smp.cpus.online);
        if (candidates.isEmpty()) throw new IrqError('EINVAL', `msgs: no online CPU in ${dest.toList()}`);
        const old = vectorOf(data);
        if (candidates.test(old.cpu)) return IRQ_SET_MASK.OK_DONE;
        const moved = alloc(data.irq, candidates);
        const page = pageOf[old.cpu]!;
        const on = (regs.readl(page + ENABLE) & (1 << old.id)) !== 0;
        data.chipData = moved;
        disable(old);
        if (on) enable(moved);
        // What came before the device learns of the move.
        if ((regs.readl(page + PENDING) & (1 << old.id)) !== 0) regs.writel(pageOf[moved.cpu]! + SEND, moved.id);
        regs.writel(page + PENDING, 1 << old.id);
        used[old.cpu]![old.id] = null;
        dataUpdateEffectiveAffinity(data, genirq.cpumaskOf(moved.cpu));
        return IRQ_SET_MASK.OK;
      },
    };

    msiCreateParentIrqDomain(domains, {
      fwnode,
      ops: {
        alloc: (domain, virq) => {
          const vector = alloc(virq, smp.cpus.online);
          irqDomainSetInfo(domain, virq, virq, chip, vector, handleEdgeIrq, null, null);
          dataUpdateEffectiveAffinity(irqDomainGetIrqData(domain, virq)!, genirq.cpumaskOf(vector.cpu));
        },
        free: (domain, virq) => {
          const { cpu, id } = vectorOf(irqDomainGetIrqData(domain, virq)!);
          regs.writel(pageOf[cpu]! + PENDING, 1 << id);
          used[cpu]![id] = null;
        },
        select: msiLibIrqDomainSelect,
      },
    }, {
      supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX,
      requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT,
      chipFlags: MSI_CHIP_FLAG.SET_ACK,
      busSelectToken: DOMAIN_BUS.NEXUS,
      busSelectMask: 1 << DOMAIN_BUS.PCI_MSI,
      initDevMsiInfo: msiLibInitDevMsiInfo,
    });

    const msgsHandler = (desc: IrqDesc): void => {
      const { chip: parent } = desc.irqData;
      chainedIrqEnter(parent, desc);
      const { current } = smp.cpus;
      for (let id = regs.readl(pageOf[current]! + TAKE); id !== 0; id = regs.readl(pageOf[current]! + TAKE)) {
        const vector = used[current]![id] ?? null;
        if (vector !== null) genericHandleIrq(genirq, vector.virq);
      }
      if (regs.readl(pageOf[current]! + BAD) !== 0) regs.writel(pageOf[current]! + BAD, 0);
      chainedIrqExit(parent, desc);
    };
    const { virq } = parentIrq(pageOf[smp.cpus.current]! / PAGE);
    setChainedHandler(genirq, virq, msgsHandler);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/msgs:starting',
      () => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE),
      () => disablePercpuIrq(genirq, virq));
  },
);
