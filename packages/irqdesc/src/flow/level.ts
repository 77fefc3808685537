import { maskAckIrq, mayUnmaskNow, unmaskIrq } from '../chip/mask.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';
import { irqCanHandle } from './gates.ts';
import { handleIrqEvent } from './handle-event.ts';

/**
 * A line that stays active until its device is served: masked and acknowledged first, unmasked when the handlers, and any
 * oneshot thread, are done.
 * @kernel handle_level_irq
 */
export function handleLevelIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    maskAckIrq(desc);
    if (!irqCanHandle(desc, false)) return;
    kstatIncrIrqsThisCpu(desc);
    handleIrqEvent(desc);
    if (mayUnmaskNow(desc)) unmaskIrq(desc);
  } finally {
    desc.lock.unlock();
  }
}
