import { parseInterruptRaw, type DeviceTree, type DtNode, type InterruptSpec } from '@irqchip/devicetree';
import { nodeAt } from '@irqchip/board/internals';
import { IrqError } from '@irqchip/smp';
import { PCI_ADDRESS } from './check.ts';
import type { PciConsumer } from './spec.ts';

/** Where a device is: domain, and device and function on bus 0. */
interface PciAddress { readonly domain: number; readonly devfn: number }

function addressOf(pci: string): PciAddress {
  const [, domain = '', device = '', fn = ''] = PCI_ADDRESS.exec(pci) ?? [];
  return { domain: parseInt(domain, 16), devfn: (parseInt(device, 16) << 3) | Number(fn) };
}

/**
 * The host bridge of a device.
 * @throws IrqError `ENOENT` when the tree has none for its domain.
 */
export function hostBridge(tree: DeviceTree, { pci, host }: PciConsumer): DtNode {
  if (host !== undefined) return nodeAt(tree, host);
  const { domain } = addressOf(pci);
  let nth = 0;
  for (const node of tree.nodes()) {
    if (node.string('device_type') !== 'pci' || !node.isAvailable) continue;
    if ((node.u32('linux,pci-domain') ?? nth) === domain) return node;
    nth++;
  }
  throw new IrqError('ENOENT', `PCI device ${pci}: the device tree has no host bridge of PCI domain ${domain}; name its node as "host", or take the device out.`);
}

/**
 * The interrupt that the pin of a device leads to, through the map of its host bridge.
 * @throws IrqError as `parseInterruptRaw`.
 * @kernel of_irq_parse_pci (of a device on the root bus)
 */
export function pciInterrupt(tree: DeviceTree, spec: PciConsumer): InterruptSpec {
  const { devfn } = addressOf(spec.pci);
  return parseInterruptRaw([devfn << 8, 0, 0], { controller: hostBridge(tree, spec), args: [spec.pin ?? 1] });
}
