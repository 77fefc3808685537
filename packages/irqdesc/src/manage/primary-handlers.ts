import type { Diagnostics } from '@irqchip/smp';
import { IRQ_NONE, IRQ_WAKE_THREAD } from '../desc/flags.ts';
import type { IrqHandler } from '../desc/irq-desc.ts';

/** Stands in for a handler that was not given: wakes the thread. @kernel irq_default_primary_handler */
export function irqDefaultPrimaryHandler(): number { return IRQ_WAKE_THREAD; }

/** The hard handler of a secondary action: never runs in hard irq. @kernel irq_forced_secondary_handler */
export function irqForcedSecondaryHandler(): number { return IRQ_NONE; }

/** The hard handler of a nested interrupt, which has none. @kernel irq_nested_primary_handler */
export function makeNestedPrimaryHandler(diagnostics: Diagnostics): IrqHandler {
  return function irqNestedPrimaryHandler(irq: number): number {
    diagnostics.warnOn(true, `Primary handler called for nested irq ${irq}`);
    return IRQ_NONE;
  };
}
