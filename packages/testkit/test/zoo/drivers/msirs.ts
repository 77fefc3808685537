// acme,msirs: a register of 32 messages for each hart, sent to through one register; only devices can mask messages.
import { CPUHP } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, dataUpdateEffectiveAffinity, disablePercpuIrq, enablePercpuIrq, handleSimpleIrq, IRQ_SET_MASK, IRQ_TYPE,
  setChainedHandler, type IrqChip, type IrqData, type IrqDesc,
} from '@irqchip/genirq-core';
import {
  bits, DOMAIN_BUS, defineIrqchip, genericHandleDomainIrq, IrqError, irqDomainGetIrqData, irqDomainSetInfo, irqFindMapping,
} from '@irqchip/irqdomain';
import { MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiCreateParentIrqDomain, msiLibInitDevMsiInfo, msiLibIrqDomainSelect } from '@irqchip/msi';
import { HARTS, ofProcessorHartid } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';

const IDS = 32;
const SEND = 0x0; // write id * 4 + row, upper bits do not count; for up to four rows
const TAKE = 0x10; // a word per row, a bit per id: read what came, which is gone then

export const driver = defineIrqchip(
  { compatible: 'acme,msirs', services: [HARTS, CPUHP] },
  ({ genirq, smp, domains, fwnode, regs, parents, parentIrq }, harts, cpuhp) => {
    const rowOf: number[] = [];
    parents.forEach(({ node }, row) => { rowOf[harts.hartidToCpuid(ofProcessorHartid(node.parent!)!)] = row; });
    for (const row of rowOf) regs.readl(TAKE + 4 * row);
    let used = 0;
    const messageOf = ({ hwirq, common }: IrqData): number => 4 * hwirq + rowOf[common.effectiveAffinity.first()]!;

    const chip: IrqChip = {
      name: 'msirs',
      irqComposeMsiMsg: (data, msg) => { Object.assign(msg, { addressHi: 0, addressLo: regs.base + SEND, data: messageOf(data) }); },
      irqSetAffinity: (data, dest, force) => {
        const candidates = new CpuMask(smp.cpus.nrCpuIds).copy(dest);
        if (!force) candidates.and(smp.cpus.online);
        if (candidates.isEmpty()) throw new IrqError('EINVAL', `msirs: no online CPU in ${dest.toList()}`);
        const old = rowOf[data.common.effectiveAffinity.first()]!;
        dataUpdateEffectiveAffinity(data, genirq.cpumaskOf(candidates.first()));
        // What came before the device learns of the move; the old CPU may be going.
        if (messageOf(data) % 4 !== old) for (const id of bits(regs.readl(TAKE + 4 * old))) resend(id);
        return IRQ_SET_MASK.OK;
      },
    };

    const domain = msiCreateParentIrqDomain(domains, {
      fwnode,
      size: IDS,
      ops: {
        alloc: (parent, virq) => {
          const id = 31 - Math.clz32(~used & -~used);
          if (~used === 0) throw new IrqError('ENOSPC', 'msirs: no message is left');
          used |= 1 << id;
          irqDomainSetInfo(parent, virq, id, chip, null, handleSimpleIrq, null, null);
          dataUpdateEffectiveAffinity(irqDomainGetIrqData(parent, virq)!, genirq.cpumaskOf(smp.cpus.online.first()));
        },
        free: (parent, virq) => { used &= ~(1 << irqDomainGetIrqData(parent, virq)!.hwirq); },
        select: msiLibIrqDomainSelect,
      },
    }, {
      supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX,
      requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS,
      busSelectToken: DOMAIN_BUS.NEXUS,
      busSelectMask: 1 << DOMAIN_BUS.PCI_MSI,
      initDevMsiInfo: msiLibInitDevMsiInfo,
    });
    const resend = (id: number): void => {
      const virq = irqFindMapping(domain, id);
      if (virq !== 0) regs.writel(SEND, messageOf(irqDomainGetIrqData(domain, virq)!));
    };

    const msirsHandler = (desc: IrqDesc): void => {
      const { chip: parent } = desc.irqData;
      chainedIrqEnter(parent, desc);
      for (const id of bits(regs.readl(TAKE + 4 * rowOf[smp.cpus.current]!))) genericHandleDomainIrq(domain, id);
      chainedIrqExit(parent, desc);
    };
    const { virq } = parentIrq(rowOf[smp.cpus.current]!);
    setChainedHandler(genirq, virq, msirsHandler);
    cpuhp.setupState('CPUHP_AP_ONLINE_DYN', 'acme/msirs:starting',
      () => enablePercpuIrq(genirq, virq, IRQ_TYPE.NONE),
      () => disablePercpuIrq(genirq, virq));
  },
);
