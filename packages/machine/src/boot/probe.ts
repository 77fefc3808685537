import { countInterrupts, msiParent, parseInterrupt, parseInterrupts, regRegions, type DeviceTree, type DtNode, type InterruptSpec } from '@irqchip/devicetree';
import { makeProbeContext, NUMA_NO_NODE, ofFwnode, type FwNode, type IrqchipDriver, type IrqDomains, type ParentInterrupt, type ProbeContext } from '@irqchip/irqdomain';
import type { Bus } from '@irqchip/board/internals';
import { IrqError, type MmioRegion } from '@irqchip/smp';

/** What became of a driver that could not be probed. */
export interface ProbeFailure { readonly node: string; readonly driver: string; readonly error: Error }

/** @kernel MAX_NUMNODES (of the recorded kernels' RISC-V) */
const MAX_NUMNODES = 4;

/** Makes probe contexts: one FwNode per device-tree node, register regions from the bus, parents from the tree. */
export class Prober {
  private readonly fwnodes = new Map<DtNode, FwNode>();

  constructor(readonly tree: DeviceTree, private readonly domains: IrqDomains, private readonly bus: Bus) {}

  /** The firmware node that stands for `node` in irq domains. @kernel of_fwnode_handle */
  fwnode(node: DtNode): FwNode {
    let fwnode = this.fwnodes.get(node);
    if (!fwnode) this.fwnodes.set(node, (fwnode = ofFwnode(node.path, ofNodeToNid(node))));
    return fwnode;
  }

  context(node: DtNode): ProbeContext {
    const parents: ParentInterrupt[] = [];
    const parentsEnd = this.readParents(node, parents);
    const msi = node.has('msi-parent') ? msiParent(node) : null;
    return makeProbeContext({
      node, fwnode: this.fwnode(node), domains: this.domains, regions: this.regions(node), parents, parentsEnd,
      msiParent: msi && this.fwnode(msi.controller),
    });
  }

  /** Returns what breaks the list off. */
  private readParents(node: DtNode, parents: ParentInterrupt[]): IrqError | null {
    if (!node.has('interrupts-extended') && !node.has('interrupts')) return null;
    const add = ({ controller, args }: InterruptSpec): void => { parents.push({ node: controller, fwnode: this.fwnode(controller), args }); };
    try {
      // In one go: one by one takes time that grows with the square of their number, and a CLINT has two a CPU.
      parseInterrupts(node).forEach(add);
      return null;
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      for (let i = 0, count = countInterrupts(node); i < count; i++) add(parseInterrupt(node, i));
      return error;
    }
  }

  private regions(node: DtNode): MmioRegion[] {
    if (!node.has('reg') || node.string('device_type') === 'cpu') return [];
    return regRegions(node).map(({ base, size }) => this.bus.region(base, size, node.path));
  }
}

/** The NUMA node of a device-tree node: its own, or that of what it is part of. @kernel of_node_to_nid */
function ofNodeToNid(node: DtNode): number {
  for (let at: DtNode | null = node; at !== null; at = at.parent) {
    const nid = at.u32('numa-node-id');
    if (nid !== undefined && nid < MAX_NUMNODES) return nid;
  }
  return NUMA_NO_NODE;
}

/** The driver whose compatible string comes first in the node's list. @kernel of_match_node */
export function matchDriver<T extends { readonly driver: IrqchipDriver }>(drivers: readonly T[], node: DtNode): T | null {
  for (const compatible of node.compatible) {
    const found = drivers.find(({ driver }) => driver.compatible.includes(compatible));
    if (found) return found;
  }
  return null;
}
