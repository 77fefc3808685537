import type { IrqchipNode } from '@irqchip/irqdomain';

/**
 * By which number a controller knows the hart at position `logicalIndex` of its `interrupts-extended`: the same, unless
 * `riscv,hart-indexes` lists others. undefined when that list is too short.
 * @kernel riscv_get_hart_index
 */
export function riscvGetHartIndex(node: IrqchipNode, logicalIndex: number): number | undefined {
  return node.has('riscv,hart-indexes') ? node.u32('riscv,hart-indexes', logicalIndex) : logicalIndex;
}
