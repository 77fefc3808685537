import { IrqError } from '@irqchip/smp';
import { be32 } from '../bytes.ts';
import type { DtNode } from '../node.ts';
import type { DeviceTree } from '../tree.ts';
import { findIrqParent } from './find-parent.ts';

/** Where kernel messages go; a machine's `Log` is one. */
export interface ErrorLog {
  err(text: string): void;
}

export interface OfIrqInitResult {
  /** Controllers whose `init` threw, with what it threw. Their children are among `left`. */
  readonly failed: readonly { readonly node: DtNode; readonly error: IrqError }[];
  /** Controllers that were never tried, since their parent failed or is no match. In tree order. */
  readonly left: readonly { readonly node: DtNode; readonly parent: DtNode }[];
}

/**
 * Initialises the interrupt controllers of a tree, parents first: those without a parent in tree order, then the children of each controller
 * that succeeded, breadth-first. A controller is a node that is available, has `interrupt-controller` and that `match` accepts.
 *
 * An {@link IrqError} from `init` is logged and drops the node; what else it throws ends the walk and is thrown on.
 * @kernel of_irq_init
 */
export function ofIrqInit(
  tree: DeviceTree, match: (node: DtNode) => boolean, init: (node: DtNode, parent: DtNode | null) => void, log: ErrorLog,
): OfIrqInitResult {
  const failed: { node: DtNode; error: IrqError }[] = [];
  const waiting = collect(tree, match, (node, error) => drop(node, null, error));
  const parents: (DtNode | null)[] = [null];
  function drop(node: DtNode, parent: DtNode | null, error: IrqError): void {
    log.err(`OF: of_irq_init: Failed to init ${node.path} ((____ptrval____)), parent ${parent === null ? '0000000000000000' : '(____ptrval____)'}`);
    failed.push({ node, error });
  }
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const children = waiting.get(parent) ?? [];
    waiting.delete(parent);
    for (const node of children) {
      const error = attempt(() => init(node, parent));
      if (error === undefined) parents.push(node);
      else drop(node, parent, error);
    }
  }
  if (waiting.size > 0) log.err('OF: of_irq_init: children remain, but no parents');
  // Those without a parent were tried.
  const parentOf = new Map([...waiting].flatMap(([parent, children]) => children.map((node) => [node, parent!])));
  const left = [...tree.nodes()].flatMap((node) => (parentOf.has(node) ? [{ node, parent: parentOf.get(node)! }] : []));
  return { failed, left };
}

/** The order in which {@link ofIrqInit} would go if no controller failed. */
export function irqInitOrder(tree: DeviceTree, matches: (node: DtNode) => boolean): { node: DtNode; parent: DtNode | null }[] {
  const order: { node: DtNode; parent: DtNode | null }[] = [];
  ofIrqInit(tree, matches, (node, parent) => void order.push({ node, parent }), { err: () => undefined });
  return order;
}

/** The matching controllers by interrupt parent. */
function collect(tree: DeviceTree, match: (node: DtNode) => boolean, drop: (node: DtNode, error: IrqError) => void): Map<DtNode | null, DtNode[]> {
  const byParent = new Map<DtNode | null, DtNode[]>();
  for (const node of tree.nodes()) {
    if (!node.has('interrupt-controller') || !node.isAvailable || !match(node)) continue;
    const error = attempt(() => {
      const parent = controllerParent(node);
      const siblings = byParent.get(parent);
      if (siblings === undefined) byParent.set(parent, [node]);
      else siblings.push(node);
    });
    if (error !== undefined) drop(node, error);
  }
  return byParent;
}

/** Of several parents in `interrupts-extended`, the first. A controller that is its own parent is a root. */
function controllerParent(node: DtNode): DtNode | null {
  const extended = node.bytes('interrupts-extended');
  let parent = extended !== undefined && extended.length >= 4 ? node.tree.byPhandle(be32(extended, 0)) ?? null : null;
  if (parent === null && node.has('interrupts')) {
    parent = findIrqParent(node);
  } else if (parent === null) {
    const phandle = node.u32('interrupt-parent');
    parent = phandle === undefined ? null : node.tree.byPhandle(phandle) ?? null;
  }
  return parent === node ? null : parent;
}

function attempt(action: () => void): IrqError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof IrqError) return error;
    throw error;
  }
}
