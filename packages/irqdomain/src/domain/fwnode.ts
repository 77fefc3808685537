/** Where a domain's identity comes from; `other` stands for every kind that a domain cannot take a name from. */
export type FwNodeKind = 'named' | 'named-id' | 'irqchip' | 'of' | 'software' | 'other';

/** Firmware node without memory affinity. @kernel NUMA_NO_NODE */
export const NUMA_NO_NODE = -1;

/**
 * The handle by which a domain is found. Two are the same only if they are the same object.
 *
 * The kinds `named`, `named-id` and `irqchip` come from the `alloc…Fwnode` methods of `IrqDomains`; device-tree nodes from
 * {@link ofFwnode}, one call per node.
 * @kernel fwnode_handle
 */
export class FwNode {
  constructor(
    readonly kind: FwNodeKind,
    /** What messages print: of a device-tree node the last part of its path. */
    readonly name: string,
    /** Of device-tree and software nodes, with slashes. */
    readonly path: string = '',
    /** NUMA node; {@link NUMA_NO_NODE} for none. */
    readonly nid: number = NUMA_NO_NODE,
  ) {}

  /** Whether it was made for an irqchip rather than found in firmware. @kernel is_fwnode_irqchip */
  get isIrqchip(): boolean {
    return this.kind === 'named' || this.kind === 'named-id' || this.kind === 'irqchip';
  }
}

/**
 * The handle of a device-tree node; keep it, for identity is what counts.
 * @param path - `/soc/plic@c000000`
 * @kernel of_fwnode_handle
 */
export function ofFwnode(path: string, nid: number = NUMA_NO_NODE): FwNode {
  return new FwNode('of', path.slice(path.lastIndexOf('/') + 1) || '/', path, nid);
}

/** The handle of a software node. @kernel software_node_fwnode */
export function softwareFwnode(path: string): FwNode {
  return new FwNode('software', path.slice(path.lastIndexOf('/') + 1), path);
}

/** How messages name the node of a domain: only device-tree nodes have a name there. @kernel of_node_full_name (of a domain's fwnode, for messages) */
export function ofNodeFullName(fwnode: FwNode | null): string {
  return fwnode?.kind === 'of' ? fwnode.name : '<no-node>';
}
