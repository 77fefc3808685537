import type { IrqChip } from '../chip/irq-chip.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { reportWrongExit } from './chained-calls.ts';

function reportIrqsOn(desc: IrqDesc, call: string): void {
  desc.genirq.smp.diagnostics.report('context', `${call} of irq ${desc.irq} with interrupts on, on CPU${desc.cpus.current}: a chained handler runs with them off from enter to exit.`);
  desc.cpus.localIrqDisable();
}

/**
 * First thing in a chained handler: quiets the parent line, unless its controller takes an end-of-interrupt. Hard irq, interrupts off;
 * on, they are a 'context' finding and go off.
 * @kernel chained_irq_enter
 */
export function chainedIrqEnter(chip: IrqChip, desc: IrqDesc): void {
  if (!desc.cpus.irqsDisabled()) reportIrqsOn(desc, 'chainedIrqEnter');
  desc.genirq.chainedCalls.enter(desc.irq);
  if (chip.irqEoi) return;
  const data = desc.irqData;
  if (chip.irqMaskAck) {
    chip.irqMaskAck(data);
    return;
  }
  if (chip.irqMask) chip.irqMask(data);
  if (chip.irqAck) chip.irqAck(data);
}

/**
 * Last thing in a chained handler: completes or unmasks the parent line. Context as {@link chainedIrqEnter}. Without that before it, or
 * forgotten until the hard interrupt ends, it is a 'context' finding.
 * @kernel chained_irq_exit
 */
export function chainedIrqExit(chip: IrqChip, desc: IrqDesc): void {
  if (!desc.cpus.irqsDisabled()) reportIrqsOn(desc, 'chainedIrqExit');
  if (!desc.genirq.chainedCalls.exit(desc.irq)) reportWrongExit(desc);
  const data = desc.irqData;
  if (chip.irqEoi) chip.irqEoi(data);
  else if (chip.irqUnmask) chip.irqUnmask(data);
}
