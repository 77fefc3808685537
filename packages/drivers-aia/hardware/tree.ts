import type { IrqchipNode } from '@irqchip/irqdomain';

/** A node of a whole tree also knows its children; one made by hand for a test may not. */
interface TreeNode extends IrqchipNode { readonly children?: readonly TreeNode[] }

const phandleOf = (node: IrqchipNode): number | undefined => node.u32('phandle') ?? node.u32('linux,phandle');

/** The first node of the tree that `from` is in for which `test` holds. */
function findNode(from: IrqchipNode, test: (node: IrqchipNode) => boolean): IrqchipNode | null {
  let root: IrqchipNode = from;
  while (root.parent !== null) root = root.parent;
  const waiting: TreeNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (test(node)) return node;
    waiting.push(...(node.children ?? []));
  }
  return null;
}

/** The node that `phandle` names, as far as the tree can be walked from `from`. */
export function nodeByPhandle(from: IrqchipNode, phandle: number): IrqchipNode | null {
  return findNode(from, (node) => phandleOf(node) === phandle);
}

/** The node of kind `compatible` whose `property` lists `node`. */
export function nodeThatLists(node: IrqchipNode, compatible: string, property: string): IrqchipNode | null {
  const own = phandleOf(node);
  if (own === undefined) return null;
  return findNode(node, (other) => other.compatible.includes(compatible) && (other.u32s(property)?.includes(own) ?? false));
}
