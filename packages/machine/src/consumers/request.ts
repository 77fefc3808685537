import { parseInterrupt } from '@irqchip/devicetree';
import { IRQF, requestIrq, setNoprobe } from '@irqchip/genirq-core';
import type { Wire } from '@irqchip/board';
import { IrqError } from '@irqchip/smp';
import type { Assembly } from '../boot/assemble.ts';
import { mapInterrupt } from '../wires/map-interrupt.ts';
import { Consumer, handleConsumer } from './consumer.ts';
import { msiDomainOf, requestMsix } from './msix.ts';
import { pciInterrupt } from './pci.ts';
import type { Planned, PlannedNode } from './plan.ts';
import { isPci, type PciConsumer } from './spec.ts';

/**
 * Does what the driver of one device does with interrupts: has them mapped, then requests them. Task context, boot CPU.
 * @throws IrqError what parsing, mapping and requesting report.
 */
export function requestConsumer(parts: Assembly, planned: Planned): Consumer[] {
  return isPci(planned) ? requestPci(parts, planned) : requestNode(parts, planned);
}

function requestNode(parts: Assembly, { node, index, names, shared, noprobe }: PlannedNode): Consumer[] {
  const irq = mapInterrupt(parts, parseInterrupt(node, index), `${node.path}: interrupt ${index}`);
  return requestAll(parts, irq, names, { shared, noprobe }, wireOrNull(() => parts.wires.ofDevice(node.path, index)));
}

/** The pin is mapped before the driver is probed, and stays so when it takes messages instead. @kernel pci_assign_irq */
function requestPci(parts: Assembly, spec: PciConsumer): Consumer[] {
  const interrupt = pciInterrupt(parts.tree, spec);
  const irq = mapInterrupt(parts, interrupt, `PCI device ${spec.pci}: pin ${spec.pin ?? 1}`);
  const domain = spec.msix === undefined ? null : msiDomainOf(parts, spec);
  if (domain !== null) return requestMsix(parts, spec.pci, spec.msix!, domain);
  const flags = { shared: spec.shared ?? true, noprobe: spec.noprobe ?? false };
  return requestAll(parts, irq, spec.intx ?? [], flags, wireOrNull(() => parts.wires.ofSpec(`PCI ${spec.pci}`, interrupt)));
}

interface RequestFlags { readonly shared: boolean; readonly noprobe: boolean }

function requestAll({ services: { genirq } }: Assembly, irq: number, names: readonly string[], { shared, noprobe }: RequestFlags, wire: Wire | null): Consumer[] {
  if (noprobe && names.length > 0) setNoprobe(genirq, irq);
  return names.map((name) => {
    const consumer = new Consumer(name, irq, wire && { wire });
    requestIrq(genirq, irq, handleConsumer, shared ? IRQF.SHARED : 0, name, consumer);
    return consumer;
  });
}

function wireOrNull(find: () => Wire): Wire | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof IrqError) return null;
    throw error;
  }
}
