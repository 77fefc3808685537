import { type Genirq, IRQ, type IrqDesc, irqDisable, IRQS, irqStartup } from '@irqchip/irqdesc';
import { mightSleep, withDescBuslocked } from '@irqchip/irqdesc/internals';
import { synchronizeHardirq, synchronizeIrq } from './synchronize.ts';

/** Lock held. @kernel __disable_irq */
export function disableDesc(desc: IrqDesc): void {
  if (desc.depth++ === 0) irqDisable(desc);
}

/** Undoes one disable; the last one starts the interrupt and replays what came meanwhile. Lock held. @kernel __enable_irq */
export function enableDesc(desc: IrqDesc): void {
  const unbalanced = desc.depth === 0 || (desc.depth === 1 && (desc.istate & IRQS.SUSPENDED) !== 0);
  if (desc.genirq.smp.diagnostics.warnOn(unbalanced, `Unbalanced enable for IRQ ${desc.irq}`)) return;
  if (desc.depth > 1) {
    desc.depth--;
    return;
  }
  // What is on already must not be taken for a probe result.
  desc.settings |= IRQ.NOPROBE;
  irqStartup(desc, true, true);
}

/** Disables; returns whether there was something to disable. */
function disableByNumber(genirq: Genirq, irq: number): boolean {
  return withDescBuslocked(genirq, irq, 'global', (desc) => { disableDesc(desc); return true; }) ?? false;
}

/**
 * Disables an interrupt without waiting for its handlers. Nests; lazy, unless the chip has `irqDisable` or DISABLE_UNLAZY is set.
 * Nothing happens for per-CPU devid interrupts and without a descriptor. Any context, if the chip has no slow bus.
 * @kernel disable_irq_nosync
 */
export function disableIrqNosync(genirq: Genirq, irq: number): void { disableByNumber(genirq, irq); }

/** {@link disableIrqNosync}, then waits for handlers and threads. May sleep: task context. @kernel disable_irq */
export function disableIrq(genirq: Genirq, irq: number): void {
  mightSleep(genirq, `disableIrq(${irq})`);
  if (disableByNumber(genirq, irq)) synchronizeIrq(genirq, irq);
}

/** {@link disableIrqNosync}, then waits for hard handlers; false when a thread is active or there is no such interrupt. @kernel disable_hardirq */
export function disableHardirq(genirq: Genirq, irq: number): boolean {
  return disableByNumber(genirq, irq) && synchronizeHardirq(genirq, irq);
}

/**
 * Undoes one {@link disableIrq}; one too many is a warning `Unbalanced enable for IRQ`. Gives a NOAUTOEN interrupt its first start.
 * Nothing happens for per-CPU devid interrupts and without a descriptor. Any context, if the chip has no slow bus.
 * @kernel enable_irq
 */
export function enableIrq(genirq: Genirq, irq: number): void {
  withDescBuslocked(genirq, irq, 'global', enableDesc);
}
