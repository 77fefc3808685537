import type { Diagnostics } from '@irqchip/smp';
import { IRQ_NONE } from '../desc/flags.ts';
import type { IrqAction } from '../desc/irq-desc.ts';

/** The action that marks an interrupt as demultiplexed; its handler runs only by mistake. @kernel chained_action */
export function makeChainedAction(diagnostics: Diagnostics): IrqAction {
  const badChainedIrq = (irq: number): number => {
    diagnostics.warnOnce(true, `Chained irq ${irq} should not call an action`);
    return IRQ_NONE;
  };
  return {
    irq: 0, handler: badChainedIrq, threadFn: null, devId: null, percpuDevId: null, affinity: null, flags: 0, name: '', next: null,
    threadMask: 0, threadRunning: false, warned: false, secondary: null,
  };
}
