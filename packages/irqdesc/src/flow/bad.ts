import { ackBadIrq, printIrqDesc } from '../chip/ack-bad.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { kstatIncrIrqsThisCpu } from '../desc/stats.ts';

/** The flow of an interrupt that nobody has set up: prints and counts it. @kernel handle_bad_irq */
export function handleBadIrq(desc: IrqDesc): void {
  printIrqDesc(desc);
  kstatIncrIrqsThisCpu(desc);
  ackBadIrq(desc);
}
