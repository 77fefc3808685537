import { IRQS } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdNeedsResendWhenInProgress } from '../desc/irqd.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';
import { irqCanHandle, irqCanHandleActions, irqCanHandlePm } from './gates.ts';
import { beginProgress, endProgress, handleIrqEvent, runActions } from './handle-event.ts';

/** Runs the handlers and touches no hardware. @kernel handle_simple_irq */
export function handleSimpleIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    if (!irqCanHandlePm(desc, false)) {
      if (irqdNeedsResendWhenInProgress(desc.irqData)) desc.istate |= IRQS.PENDING;
      return;
    }
    if (!irqCanHandleActions(desc)) return;
    kstatIncrIrqsThisCpu(desc);
    handleIrqEvent(desc);
  } finally {
    desc.lock.unlock();
  }
}

/** As {@link handleSimpleIrq}, without statistics or the search for unhandled interrupts: for demultiplexers. @kernel handle_untracked_irq */
export function handleUntrackedIrq(desc: IrqDesc): void {
  desc.lock.lock();
  try {
    if (!irqCanHandle(desc, false)) return;
    desc.istate &= ~IRQS.PENDING;
    beginProgress(desc);
    try {
      runActions(desc);
    } finally {
      endProgress(desc);
    }
  } finally {
    desc.lock.unlock();
  }
}
