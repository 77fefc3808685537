import { IRQ, IRQ_NONE, IRQ_WAKE_THREAD, IRQD, IRQS } from '../desc/flags.ts';
import type { IrqAction, IrqDesc } from '../desc/irq-desc.ts';
import { irqdClear, irqdSet } from '../desc/irqd.ts';
import { settingsHas } from '../desc/settings.ts';
import { wakeIrqThread } from '../manage/irq-threads.ts';
import { noteInterrupt } from '../spurious/note-interrupt.ts';

function runOne(desc: IrqDesc, action: IrqAction): number {
  const { genirq, irq } = desc;
  const { trace } = genirq;
  if (trace !== null) trace.handlerEntry(irq, action.name);
  const result = action.handler(irq, action.devId as never);
  if (trace !== null) trace.handlerExit(irq, result);
  const { cpus } = genirq.smp;
  if (!cpus.irqsDisabled()) {
    genirq.smp.diagnostics.warnOnce(true, `irq ${irq} handler ${action.handler.name} enabled interrupts`);
    cpus.localIrqDisable();
  }
  return result;
}

/** Runs every action and ORs their results; wakes threads. Descriptor not locked. @kernel __handle_irq_event_percpu */
export function runActions(desc: IrqDesc): number {
  let results = IRQ_NONE;
  for (let action = desc.action; action !== null; action = action.next) {
    const result = runOne(desc, action);
    if (result === IRQ_WAKE_THREAD) {
      if (action.threadFn !== null) wakeIrqThread(desc, action);
      else warnNoThread(desc, action);
    }
    results |= result;
  }
  return results;
}

function warnNoThread(desc: IrqDesc, action: IrqAction): void {
  if (action.warned) return;
  action.warned = true;
  desc.genirq.smp.log.warn(`IRQ ${desc.irq} device ${action.name} returned IRQ_WAKE_THREAD but no thread function available.`);
}

/** `runActions`, then the detector of unhandled interrupts. Descriptor not locked. @kernel handle_irq_event_percpu */
export function handleIrqEventPercpu(desc: IrqDesc): number {
  const results = runActions(desc);
  if (!settingsHas(desc, IRQ.NO_DEBUG)) noteInterrupt(desc, results);
  return results;
}

/**
 * Runs the handlers with INPROGRESS set and the lock dropped; clears PENDING first. Lock held on entry and return.
 * @kernel handle_irq_event
 */
export function handleIrqEvent(desc: IrqDesc): number {
  desc.istate &= ~IRQS.PENDING;
  beginProgress(desc);
  try {
    return handleIrqEventPercpu(desc);
  } finally {
    endProgress(desc);
  }
}

/** Marks the handlers as running here, and drops the lock. */
export function beginProgress(desc: IrqDesc): void {
  irqdSet(desc.irqData, IRQD.IRQ_INPROGRESS);
  desc.runningOn = desc.cpus.current;
  desc.lock.unlock();
}

/** Takes the lock again and marks the handlers as done. */
export function endProgress(desc: IrqDesc): void {
  desc.lock.lock();
  desc.runningOn = -1;
  irqdClear(desc.irqData, IRQD.IRQ_INPROGRESS);
}
