import type { Genirq } from '../genirq.ts';
import { IRQ, IRQ_NONE } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { mightSleep } from '../desc/lock.ts';
import { settingsHas } from '../desc/settings.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';
import { noteInterrupt } from '../spurious/note-interrupt.ts';
import { irqCanHandleActions } from './gates.ts';

function begin(desc: IrqDesc): boolean {
  const flags = desc.lock.lockIrqsave();
  const may = irqCanHandleActions(desc);
  if (may) {
    kstatIncrIrqsThisCpu(desc);
    desc.threadsActive++;
  }
  desc.lock.unlockIrqrestore(flags);
  return may;
}

function runThreadFunctions(desc: IrqDesc): number {
  let results = IRQ_NONE;
  for (let action = desc.action; action !== null; action = action.next) results |= action.threadFn!(desc.irq, action.devId as never);
  return results;
}

/**
 * Runs the thread functions of an interrupt whose controller is read by a thread: called by that thread, task context.
 * Nothing happens without a descriptor.
 * @kernel handle_nested_irq
 */
export function handleNestedIrq(genirq: Genirq, irq: number): void {
  const desc = genirq.irqToDesc(irq);
  mightSleep(genirq, `handleNestedIrq(${irq})`);
  if (desc === null || !begin(desc)) return;
  try {
    const results = runThreadFunctions(desc);
    if (!settingsHas(desc, IRQ.NO_DEBUG)) noteInterrupt(desc, results);
  } finally {
    desc.threadsActive--;
  }
}
