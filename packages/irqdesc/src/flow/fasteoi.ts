import { maskAckIrq, maskIrq, mayUnmaskNow, unmaskIrq } from '../chip/mask.ts';
import { IRQCHIP, IRQS } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdNeedsResendWhenInProgress } from '../desc/irqd.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';
import { checkIrqResend } from '../resend/resend.ts';
import { irqCanHandle, irqCanHandleActions, irqCanHandlePm } from './gates.ts';
import { handleIrqEvent } from './handle-event.ts';

function chipHas(desc: IrqDesc, flag: number): boolean {
  return ((desc.irqData.chip.flags ?? 0) & flag) !== 0;
}

/** Completes an interrupt that was not handled, unless the chip wants only handled ones completed. @kernel cond_eoi_irq */
function condEoiIrq(desc: IrqDesc): void {
  if (!chipHas(desc, IRQCHIP.EOI_IF_HANDLED)) desc.irqData.chip.irqEoi!(desc.irqData);
}

/** @kernel cond_unmask_eoi_irq */
function condUnmaskEoiIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  if ((desc.istate & IRQS.ONESHOT) === 0) {
    data.chip.irqEoi!(data);
  } else if (mayUnmaskNow(desc)) {
    // Every thread may have finished, or none was woken.
    data.chip.irqEoi!(data);
    unmaskIrq(desc);
  } else if (!chipHas(desc, IRQCHIP.EOI_THREADED)) {
    data.chip.irqEoi!(data);
  }
}

/** True when the handlers may run; if not the interrupt is already completed. */
function passesOrCompletes(desc: IrqDesc): boolean {
  if (!irqCanHandlePm(desc, false)) {
    if (irqdNeedsResendWhenInProgress(desc.irqData)) desc.istate |= IRQS.PENDING;
    condEoiIrq(desc);
    return false;
  }
  if (!irqCanHandleActions(desc)) {
    maskIrq(desc);
    condEoiIrq(desc);
    return false;
  }
  return true;
}

/**
 * A controller that keeps an interrupt from coming again until it is completed: one end-of-interrupt after the handlers.
 * An arrival while the handlers run elsewhere is completed and dropped, unless RESEND_WHEN_IN_PROGRESS is set.
 * @kernel handle_fasteoi_irq
 */
export function handleFasteoiIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    if (!passesOrCompletes(desc)) return;
    kstatIncrIrqsThisCpu(desc);
    if (desc.istate & IRQS.ONESHOT) maskIrq(desc);
    handleIrqEvent(desc);
    condUnmaskEoiIrq(desc);
    if (desc.istate & IRQS.PENDING) checkIrqResend(desc, false);
  } finally {
    desc.lock.unlock();
  }
}

/** {@link handleFasteoiIrq} with an acknowledge before the handlers, and without a resend. @kernel handle_fasteoi_ack_irq */
export function handleFasteoiAckIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    if (!passesOrCompletes(desc)) return;
    kstatIncrIrqsThisCpu(desc);
    if (desc.istate & IRQS.ONESHOT) maskIrq(desc);
    desc.irqData.chip.irqAck!(desc.irqData);
    handleIrqEvent(desc);
    condUnmaskEoiIrq(desc);
  } finally {
    desc.lock.unlock();
  }
}

/** {@link handleFasteoiIrq} that masks and acknowledges first, as a level flow does. @kernel handle_fasteoi_mask_irq */
export function handleFasteoiMaskIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    maskAckIrq(desc);
    if (!irqCanHandle(desc, false)) return condEoiIrq(desc);
    kstatIncrIrqsThisCpu(desc);
    if (desc.istate & IRQS.ONESHOT) maskIrq(desc);
    handleIrqEvent(desc);
    condUnmaskEoiIrq(desc);
  } finally {
    desc.lock.unlock();
  }
}

/** A non-maskable interrupt: one handler, no lock, no state. @kernel handle_fasteoi_nmi */
export function handleFasteoiNmi(desc: IrqDesc): void {
  const { irqData: data, action, genirq: { trace } } = desc;
  desc.countThisCpu();
  if (action !== null) {
    if (trace !== null) trace.handlerEntry(desc.irq, action.name);
    const result = action.handler(desc.irq, action.devId as never);
    if (trace !== null) trace.handlerExit(desc.irq, result);
  }
  if (data.chip.irqEoi) data.chip.irqEoi(data);
}
