import type { IrqDesc } from '../desc/irq-desc.ts';

/** Between two polls of interrupts that were disabled as stuck, ns. @kernel POLL_SPURIOUS_IRQ_INTERVAL */
export const POLL_INTERVAL_NS = 100e6;

/** What the detector of unhandled interrupts keeps for the whole machine. */
export class SpuriousState {
  /** 1: boot parameter `irqfixup`; 2: `irqpoll`. @kernel irqfixup */
  readonly irqfixup: 0 | 1 | 2;
  /** Looks for the handler of an unhandled interrupt on all other lines. */
  readonly findMisrouted: (desc: IrqDesc) => boolean;
  /** Reports of bogus return values that may still be printed. */
  bogusReportsLeft = 100;
  /** The CPU that polls, -1 while none does. @kernel irq_poll_cpu */
  pollCpu = -1;
  /** Simulated time at which the poll timer fires, ns since power-on; null until an interrupt was disabled as stuck. */
  nextPollNs: number | null = null;

  constructor(irqfixup: 0 | 1 | 2, findMisrouted: (desc: IrqDesc) => boolean) {
    this.irqfixup = irqfixup;
    this.findMisrouted = findMisrouted;
  }
}
