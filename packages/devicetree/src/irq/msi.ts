import type { DtNode } from '../node.ts';
import { phandleList, type InterruptSpec } from './phandle-list.ts';

/**
 * The MSI controllers of a device, from its own `msi-parent`, with as many cells as their `#msi-cells` say (none without).
 * @throws EINVAL for a list that leads nowhere or is cut short.
 * @kernel of_msi_get_domain
 */
export function msiParents(node: DtNode): InterruptSpec[] {
  return [...phandleList(node, 'msi-parent', '#msi-cells', 0)].filter((entry) => entry !== null);
}

/** The first of {@link msiParents}, or null. @throws EINVAL */
export function msiParent(node: DtNode): InterruptSpec | null {
  return msiParents(node)[0] ?? null;
}
