import type { DeviceTree, DtNode } from '@irqchip/devicetree';
import { editTree, extendedCells, extendedEntries, type NodeEdit } from '../board/edit.ts';

/** Machine-level external interrupt: what wires a controller to firmware rather than to a supervisor kernel. */
const IRQ_M_EXT = 11;
const ABSENT = 0xffffffff;
const PLICS = ['sifive,plic-1.0.0', 'riscv,plic0', 'andestech,nceplic100', 'thead,c900-plic'];
const DISABLED = new TextEncoder().encode('disabled\0');

/**
 * What SBI firmware changes in a board's tree before it starts a supervisor kernel: PLIC contexts of machine level become
 * absent, APLICs and IMSICs of machine level are disabled. A tree that was fixed up already comes back the same.
 * Source: OpenSBI 1.5, as seen by Linux.
 */
export function fixUpForSupervisor(tree: DeviceTree): DeviceTree {
  const machineLevel = new Set<number>();
  for (const node of tree.nodes()) {
    if (node.isCompatible('riscv,imsics') && isMachineLevel(tree, node) && node.phandle !== undefined) machineLevel.add(node.phandle);
  }
  return editTree(tree, (node) => {
    if (node.isCompatible(...PLICS)) return hideMachineContexts(tree, node);
    const msiParent = node.u32('msi-parent');
    const toMachine = msiParent !== undefined && machineLevel.has(msiParent);
    if ((node.isCompatible('riscv,imsics') && isMachineLevel(tree, node)) || (node.isCompatible('riscv,aplic') && (toMachine || isMachineLevel(tree, node)))) {
      return { properties: { status: DISABLED } };
    }
    return null;
  });
}

function isMachineLevel(tree: DeviceTree, node: DtNode): boolean {
  const entries = extendedEntries(tree, node);
  return entries.length > 0 && entries.every(({ args }) => args[0] === IRQ_M_EXT);
}

function hideMachineContexts(tree: DeviceTree, node: DtNode): NodeEdit | null {
  const entries = extendedEntries(tree, node);
  if (!entries.some(({ args }) => args[0] === IRQ_M_EXT)) return null;
  const hidden = entries.map(({ phandle, args }) => ({ phandle, args: args.map((arg) => (arg === IRQ_M_EXT ? ABSENT : arg)) }));
  return { properties: { 'interrupts-extended': extendedCells(hidden) } };
}
