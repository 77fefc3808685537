import type { IrqchipNode } from '@irqchip/irqdomain';

/** The hartid in a cpu node's `reg`, or null without one. @kernel riscv_of_processor_hartid */
export function ofProcessorHartid(node: IrqchipNode): number | null {
  if (!node.compatible.includes('riscv')) return null;
  const cells = node.parent?.u32('#address-cells') ?? 1;
  const low = node.u32('reg', cells - 1);
  if (low === undefined) return null;
  return cells < 2 ? low >>> 0 : (node.u32('reg', cells - 2)! >>> 0) * 0x1_0000_0000 + (low >>> 0);
}

/** The cpu node that `node` lies in, or null. */
export function ofParentCpu(node: IrqchipNode): IrqchipNode | null {
  for (let up = node.parent; up !== null; up = up.parent) if (up.compatible.includes('riscv')) return up;
  return null;
}

/** The hartid of the cpu node that `node` lies in, or null. @kernel riscv_of_parent_hartid */
export function ofParentHartid(node: IrqchipNode): number | null {
  const cpu = ofParentCpu(node);
  return cpu === null ? null : ofProcessorHartid(cpu);
}
