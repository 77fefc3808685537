import { IrqError } from '@irqchip/smp';
import type { DtNode } from '../node.ts';

/** Steps from a node to its controller; the kernel counts none and would not come back from a circle. */
const MAX_STEPS = 256;

/**
 * The nearest node with `#interrupt-cells` on the way that `interrupt-parent` shows, else towards the root. Null where the way ends.
 * @throws EINVAL when the way leads in a circle.
 * @kernel of_irq_find_parent
 */
export function findIrqParent(node: DtNode): DtNode | null {
  let at: DtNode | null = node;
  for (let step = 0; step < MAX_STEPS; step++) {
    const phandle: number | undefined = at.u32('interrupt-parent');
    at = phandle === undefined ? at.parent : node.tree.byPhandle(phandle) ?? null;
    if (at === null || at.has('#interrupt-cells')) return at;
  }
  throw new IrqError('EINVAL', `${node.path}: interrupt-parent leads in a circle and meets no #interrupt-cells; correct the references`);
}

/** `name` (`#address-cells` …) of the node or of its nearest ancestor that has it. @kernel of_bus_n_addr_cells */
export function inheritedCells(node: DtNode, name: string, fallback: number): number {
  for (let at: DtNode | null = node; at !== null; at = at.parent) {
    const cells = at.u32(name);
    if (cells !== undefined) return cells;
  }
  return fallback;
}
