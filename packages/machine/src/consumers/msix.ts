import { msiParent } from '@irqchip/devicetree';
import { freeIrq, requestIrq } from '@irqchip/genirq-core';
import { DOMAIN_BUS, irqFindMatchingFwnode, type IrqDomain } from '@irqchip/irqdomain';
import { PCI_IRQ, pciAllocIrqVectors, PciDevice, pciFreeIrqVectors, pciIrqVector } from '@irqchip/msi';
import type { Assembly } from '../boot/assemble.ts';
import { MsixTable } from '../pci/msix-table.ts';
import { Consumer, handleConsumer } from './consumer.ts';
import { hostBridge } from './pci.ts';
import type { MsixVectors, PciConsumer } from './spec.ts';

/** Between two requests drivers talk to their device; the move of a spread vector to its CPU is complete by then. */
const PROBE_NS = 10e6;
/** Memory is on node 0 where the board says nothing else. */
const FIRST_MEMORY_NODE = 0;

/** The MSI parent of a PCI device, null where its host bridge has none. @kernel pci_host_bridge_msi_domain */
export function msiDomainOf({ tree, services, prober }: Assembly, spec: PciConsumer): IrqDomain | null {
  const parent = msiParent(hostBridge(tree, spec));
  return parent && irqFindMatchingFwnode(services.domains, prober.fwnode(parent.controller), DOMAIN_BUS.PCI_MSI);
}

/**
 * Allocates the vectors of a device and requests those that have a name.
 * @throws IrqError as `pciAllocIrqVectors` and `requestIrq`.
 */
export function requestMsix(parts: Assembly, pci: string, { names, affinity, first = 0 }: MsixVectors, domain: IrqDomain): Consumer[] {
  const { bus, services: { genirq }, smp: { cpus }, tree } = parts;
  const table = new MsixTable(names.length, bus);
  const numaNode = hostBridge(tree, { pci }).u32('numa-node-id') ?? FIRST_MEMORY_NODE;
  const dev = new PciDevice(pci, { domain, numaNode, msix: table });
  const request = (name: string, vector: number): Consumer => {
    const irq = pciIrqVector(dev, vector);
    const consumer = new Consumer(name, irq, { table, vector, cpus });
    requestIrq(genirq, irq, handleConsumer, 0, name, consumer);
    parts.pass(PROBE_NS);
    return consumer;
  };
  if (first > 0) {
    pciAllocIrqVectors(dev, first, first, PCI_IRQ.MSIX);
    const [name] = names;
    const early = typeof name === 'string' ? request(name, 0) : null;
    if (early) freeIrq(genirq, early.irq, early);
    pciFreeIrqVectors(dev);
  }
  const spread = affinity && { preVectors: affinity.pre ?? 0, postVectors: affinity.post ?? 0 };
  pciAllocIrqVectors(dev, names.length, names.length, PCI_IRQ.MSIX, spread ?? null);
  return names.flatMap((name, vector) => (name === null ? [] : [request(name, vector)]));
}
