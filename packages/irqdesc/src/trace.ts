import type { CpuMask } from '@irqchip/smp';

/**
 * What the core tells whoever watches a machine. Held in `Genirq.trace`, which is null while nobody watches, so that delivery
 * pays one comparison. Called in the context of what it tells: hard irq, interrupts off, mostly.
 * @kernel TRACE_SYSTEM
 */
export interface IrqTrace {
  /** An action's handler is about to run on the running CPU. @kernel trace_irq_handler_entry */
  handlerEntry(irq: number, name: string): void;
  /** It came back with `ret` (IRQ_NONE, IRQ_HANDLED, IRQ_WAKE_THREAD). @kernel trace_irq_handler_exit */
  handlerExit(irq: number, ret: number): void;
  /** The running CPU sends an IPI. `mask` is only valid during the call. @kernel trace_ipi_raise */
  ipiRaise?(mask: CpuMask, reason: string): void;
  /** The running CPU starts to handle an IPI. @kernel trace_ipi_entry */
  ipiEntry?(reason: string): void;
  /** @kernel trace_ipi_exit */
  ipiExit?(reason: string): void;
}
