import { nodeAt } from '@irqchip/board/internals';
import type { DeviceTree, DtNode } from '@irqchip/devicetree';
import { CONSUMER_RULES, type ConsumerRule } from './rules.ts';
import { isPci, type ConsumerSpec, type PciConsumer } from './spec.ts';

/** A device of the tree, with everything decided. */
export interface PlannedNode {
  readonly node: DtNode;
  readonly index: number;
  readonly names: readonly string[];
  readonly shared: boolean;
  readonly noprobe: boolean;
  /** Nobody asked for it by name: what is wrong with its node is no reason to complain. */
  readonly builtIn: boolean;
}

/** One step of the device initcalls. */
export type Planned = PlannedNode | PciConsumer;

/**
 * Who requests interrupts, in order: first those that were listed, as listed; then the built-in rules, for the nodes that were not.
 * @throws IrqError `ENOENT` for a listed node that is not in the tree.
 */
export function planConsumers(tree: DeviceTree, listed: readonly ConsumerSpec[]): Planned[] {
  const ruled = byRules(tree);
  const seen = new Set<DtNode>();
  const first = listed.map((spec): Planned => {
    if (isPci(spec)) return spec;
    const node = nodeAt(tree, spec.node);
    const rule = ruled.get(node);
    seen.add(node);
    return {
      node, index: spec.index ?? 0, names: spec.names ?? rule?.names ?? [],
      shared: spec.shared ?? rule?.shared ?? false, noprobe: spec.noprobe ?? rule?.noprobe ?? false, builtIn: false,
    };
  });
  return [...first, ...[...ruled.values()].filter(({ node }) => !seen.has(node))];
}

function byRules(tree: DeviceTree): Map<DtNode, PlannedNode> {
  const planned = new Map<DtNode, PlannedNode>();
  for (const rule of CONSUMER_RULES) matching(tree, rule).forEach((node, nth) => {
    planned.set(node, { node, index: 0, names: [rule.name(node, nth)], shared: rule.shared, noprobe: rule.noprobe, builtIn: true });
  });
  return planned;
}

function matching(tree: DeviceTree, { compatible }: ConsumerRule): DtNode[] {
  return [...tree.nodes()].filter((node) => node.isAvailable && node.isCompatible(...compatible) && (node.has('interrupts') || node.has('interrupts-extended')));
}
