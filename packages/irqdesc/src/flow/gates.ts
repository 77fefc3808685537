import { irqDisable } from '../chip/mask.ts';
import { IRQD, IRQS } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdClear, irqdIrqDisabled, irqdIrqInprogress, irqdIsSingleTarget, irqdIsWakeupArmed } from '../desc/irqd.ts';
import { irqWaitForPoll } from '../spurious/poll.ts';

// Both gates run with the descriptor's lock held.

/** A device that may wake the machine did: the interrupt waits, disabled, until it is resumed. @kernel irq_pm_handle_wakeup */
function handleWakeup(desc: IrqDesc): void {
  irqdClear(desc.irqData, IRQD.WAKEUP_ARMED);
  desc.istate |= IRQS.SUSPENDED | IRQS.PENDING;
  desc.depth++;
  irqDisable(desc);
}

/** Waits until the CPU that runs the handlers is done. @kernel irq_wait_on_inprogress */
function waitOnInprogress(desc: IrqDesc): boolean {
  const { cpus } = desc.genirq.smp;
  do {
    desc.lock.unlock();
    cpus.waitUntil(() => !irqdIrqInprogress(desc.irqData), `the handlers of irq ${desc.irq} on CPU${desc.runningOn}`);
    desc.lock.lock();
  } while (irqdIrqInprogress(desc.irqData));
  return !irqdIrqDisabled(desc.irqData) && desc.action !== null;
}

/** The interrupt was moved here while its old CPU still handles it: the edge seen here would be lost if it were passed by. */
function movedHere(desc: IrqDesc): boolean {
  const { cpus } = desc.genirq.smp;
  return desc.runningOn !== cpus.current && desc.common.effectiveAffinity.first() === cpus.current;
}

/**
 * Whether the handlers may run now: they do not run already, and the interrupt is not an armed wake-up source.
 * @param isEdge - the flow is `handleEdgeIrq`, which since 7.x waits for the CPU that an interrupt was moved away from.
 * @kernel irq_can_handle_pm
 */
export function irqCanHandlePm(desc: IrqDesc, isEdge: boolean): boolean {
  const data = desc.irqData;
  if ((data.common.state & (IRQD.IRQ_INPROGRESS | IRQD.WAKEUP_ARMED)) === 0) return true;
  if (irqdIsWakeupArmed(data)) {
    handleWakeup(desc);
    return false;
  }
  if (desc.istate & IRQS.POLL_INPROGRESS) return irqWaitForPoll(desc);
  if (desc.genirq.linux === '6.12' || !isEdge || !irqdIsSingleTarget(data) || !movedHere(desc)) return false;
  return waitOnInprogress(desc);
}

/** Whether there is somebody to handle it; if not it becomes PENDING. Ends a replay. @kernel irq_can_handle_actions */
export function irqCanHandleActions(desc: IrqDesc): boolean {
  desc.istate &= ~(IRQS.REPLAY | IRQS.WAITING);
  if (desc.action !== null && !irqdIrqDisabled(desc.irqData)) return true;
  desc.istate |= IRQS.PENDING;
  return false;
}

/** Both gates. @kernel irq_can_handle */
export function irqCanHandle(desc: IrqDesc, isEdge: boolean): boolean {
  return irqCanHandlePm(desc, isEdge) && irqCanHandleActions(desc);
}
