import type { DeviceTree, DtNode } from '@irqchip/devicetree';
import { editTree, type NodeEdit } from '../board/edit.ts';

/** Machine-level external interrupt: what wires a controller to firmware rather than to a supervisor kernel. */
const IRQ_M_EXT = 11;
const ABSENT = 0xffffffff;
const PLICS = ['sifive,plic-1.0.0', 'riscv,plic0', 'andestech,nceplic100', 'thead,c900-plic', 'ultrarisc,cp100-plic'];
const DISABLED = Uint8Array.from('disabled\0', (letter) => letter.charCodeAt(0));

/**
 * What SBI firmware changes in a board's tree before it starts a supervisor kernel: PLIC contexts of machine level become
 * absent, APLICs and IMSICs of machine level are disabled. A tree that was fixed up already comes back the same.
 * Source: OpenSBI 1.5, as seen by Linux.
 */
export function fixUpForSupervisor(tree: DeviceTree): DeviceTree {
  const kept = firmwareNodes(tree);
  return editTree(tree, (node) => {
    if (node.isCompatible(...PLICS)) return hideMachineContexts(tree, node);
    return kept.has(node) ? { properties: { status: DISABLED } } : null;
  });
}

/** The controllers that firmware keeps for itself: IMSICs and APLICs of machine level. */
export function firmwareNodes(tree: DeviceTree): ReadonlySet<DtNode> {
  const kept = new Set<DtNode>();
  const phandles = new Set<number>();
  for (const node of tree.nodes()) {
    if (!node.isCompatible('riscv,imsics') || !isMachineLevel(tree, node)) continue;
    kept.add(node);
    if (node.phandle !== undefined) phandles.add(node.phandle);
  }
  for (const node of tree.nodes()) {
    if (!node.isCompatible('riscv,aplic')) continue;
    const msiParent = node.u32('msi-parent');
    if ((msiParent !== undefined && phandles.has(msiParent)) || isMachineLevel(tree, node)) kept.add(node);
  }
  return kept;
}

function isMachineLevel(tree: DeviceTree, node: DtNode): boolean {
  let entries = 0;
  let machine = 0;
  walkEntries(tree, node, (arg) => {
    entries++;
    if (arg === IRQ_M_EXT) machine++;
  });
  return entries > 0 && entries === machine;
}

function hideMachineContexts(tree: DeviceTree, node: DtNode): NodeEdit | null {
  const wires = node.bytes('interrupts-extended')?.slice();
  if (!wires) return null;
  const view = new DataView(wires.buffer);
  let hidden = 0;
  walkEntries(tree, node, (arg, at) => {
    if (arg !== IRQ_M_EXT) return;
    view.setUint32(4 * at, ABSENT);
    hidden++;
  });
  return hidden > 0 ? { properties: { 'interrupts-extended': wires } } : null;
}

/** Calls `visit` with the first specifier cell of each entry and its index; a tree may have very many. */
function walkEntries(tree: DeviceTree, node: DtNode, visit: (arg: number, at: number) => void): void {
  const cells = (node.bytes('interrupts-extended')?.length ?? 0) >> 2;
  for (let at = 0; at < cells;) {
    const count = tree.byPhandle(node.u32('interrupts-extended', at)!)?.u32('#interrupt-cells');
    if (count === undefined || count > cells - at - 1) return;
    if (count > 0) visit(node.u32('interrupts-extended', at + 1)!, at + 1);
    at += 1 + count;
  }
}
