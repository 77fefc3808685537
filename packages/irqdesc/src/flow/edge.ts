import { maskAckIrq, maskIrq, unmaskIrq } from '../chip/mask.ts';
import { IRQS } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdIrqDisabled, irqdIrqMasked } from '../desc/irqd.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';
import { irqCanHandle } from './gates.ts';
import { handleIrqEvent } from './handle-event.ts';

/** Runs the handlers, and again for every edge that came meanwhile. */
function runWhilePending(desc: IrqDesc): void {
  do {
    if (desc.action === null) return maskIrq(desc);
    // An edge that came while the handlers ran has masked the line.
    if ((desc.istate & IRQS.PENDING) !== 0 && !irqdIrqDisabled(desc.irqData) && irqdIrqMasked(desc.irqData)) unmaskIrq(desc);
    handleIrqEvent(desc);
  } while ((desc.istate & IRQS.PENDING) !== 0 && !irqdIrqDisabled(desc.irqData));
}

/**
 * A line whose controller latches edges: acknowledged before the handlers, so that the next edge is seen. An edge that comes
 * while they run, or while it is disabled, is remembered and replayed.
 * @kernel handle_edge_irq
 */
export function handleEdgeIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    if (!irqCanHandle(desc, true)) {
      desc.istate |= IRQS.PENDING;
      maskAckIrq(desc);
      return;
    }
    kstatIncrIrqsThisCpu(desc);
    desc.irqData.chip.irqAck!(desc.irqData);
    runWhilePending(desc);
  } finally {
    desc.lock.unlock();
  }
}
