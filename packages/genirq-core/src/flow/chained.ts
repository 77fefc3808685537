import type { IrqChip } from '../chip/irq-chip.ts';
import type { IrqDesc } from '../irqdesc/irq-desc.ts';

/**
 * First thing in a chained handler: quiets the parent line, unless its controller takes an end-of-interrupt. Hard irq.
 * @kernel chained_irq_enter
 */
export function chainedIrqEnter(chip: IrqChip, desc: IrqDesc): void {
  if (chip.irqEoi) return;
  const data = desc.irqData;
  if (chip.irqMaskAck) {
    chip.irqMaskAck(data);
    return;
  }
  if (chip.irqMask) chip.irqMask(data);
  if (chip.irqAck) chip.irqAck(data);
}

/** Last thing in a chained handler: completes or unmasks the parent line. @kernel chained_irq_exit */
export function chainedIrqExit(chip: IrqChip, desc: IrqDesc): void {
  const data = desc.irqData;
  if (chip.irqEoi) chip.irqEoi(data);
  else if (chip.irqUnmask) chip.irqUnmask(data);
}
