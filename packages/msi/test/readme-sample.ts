import { dataUpdateEffectiveAffinity, Genirq, handleEdgeIrq, IRQ_HANDLED, irqSetAffinity, requestIrq, type IrqChip } from '@irqchip/genirq-core';
import { DOMAIN_BUS, IrqDomains, irqDomainSetInfo, ofFwnode } from '@irqchip/irqdomain';
import {
  MSI_CHIP_FLAG, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiCreateParentIrqDomain, msiLibInitDevMsiInfo, msiLibIrqDomainSelect, pciAllocIrqVectors,
  PciDevice, pciIrqVector,
} from '@irqchip/msi';
import { CpuMask, Smp } from '@irqchip/smp';

const smp = new Smp({ nrCpus: 2 });
for (const cpu of smp.cpus.possible) smp.cpus.online.set(cpu);
const genirq = new Genirq(smp);
const domains = new IrqDomains(genirq);

// An MSI parent: a store of `virq` to page `cpu` interrupts that CPU.
const chip: IrqChip = {
  name: 'TINY',
  irqAck: () => undefined,
  irqMask: () => undefined,
  irqUnmask: () => undefined,
  irqComposeMsiMsg: ({ hwirq, common }, msg) => Object.assign(msg, { addressLo: 0x1000 * common.effectiveAffinity.first(), data: hwirq }),
  irqSetAffinity: (data, mask) => { dataUpdateEffectiveAffinity(data, CpuMask.of(2, mask.first())); return 0; },
};
const parent = msiCreateParentIrqDomain(domains, {
  fwnode: ofFwnode('/soc/tiny'),
  ops: {
    alloc: (domain, virq) => irqDomainSetInfo(domain, virq, virq, chip, null, handleEdgeIrq, null, null),
    select: msiLibIrqDomainSelect,
  },
}, {
  supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX,
  requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS,
  chipFlags: MSI_CHIP_FLAG.SET_ACK,
  busSelectToken: DOMAIN_BUS.NEXUS,
  busSelectMask: 1 << DOMAIN_BUS.PCI_MSI,
  initDevMsiInfo: msiLibInitDevMsiInfo,
});

// A device with three MSI-X vectors, 16 bytes each: address, high half, data, control (bit 0: masked).
const table = new Uint32Array(12).map((_, i) => (i % 4 === 3 ? 1 : 0));
const device = new PciDevice('0000:00:01.0', {
  domain: parent,
  msix: { tableSize: 3, readl: (at) => table[at >> 2]!, writel: (at, value) => { table[at >> 2] = value; }, setControl: () => undefined },
});

// Its driver: a domain PCI-MSIX-0000:00:01.0-12, three interrupts, the second one requested and moved to CPU 1.
pciAllocIrqVectors(device, 3, 3);
const irq = pciIrqVector(device, 1);
requestIrq(genirq, irq, () => IRQ_HANDLED, 0, 'queue', device);
irqSetAffinity(genirq, irq, CpuMask.of(2, 1));

export const entry: number[] = [...table.subarray(4, 8)]; // [0x1000, 0, 2, 0]
