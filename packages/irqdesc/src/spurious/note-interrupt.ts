import { irqDisable } from '../chip/mask.ts';
import { IRQ, IRQF, IRQS, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { reportBadIrq, reportBogusReturn } from './report.ts';
import { POLL_INTERVAL_NS } from './state.ts';

/** In `threadsHandledLast`: a verdict waits for the thread. @kernel SPURIOUS_DEFERRED */
const DEFERRED = 0x80000000 | 0;
const WINDOW = 100_000;
const TOO_MANY = 99_900;
/** HZ/10: unhandled interrupts further apart than this are unrelated. */
const BURST_NS = 100e6;

/**
 * Judges the combined result `ret` of an interrupt's handlers: an interrupt that nobody handled 99,900 times in 100,000 is
 * switched off. A woken thread's verdict is passed at the next interrupt. Hard irq context, descriptor unlocked, INPROGRESS.
 * @kernel note_interrupt
 */
export function noteInterrupt(desc: IrqDesc, ret: number): void {
  if ((desc.istate & IRQS.POLL_INPROGRESS) !== 0 || (desc.settings & IRQ.IS_POLLED) !== 0) return;
  if (ret >>> 0 > (IRQ_HANDLED | IRQ_WAKE_THREAD)) {
    reportBogusReturn(desc, ret);
    return;
  }
  let verdict = ret;
  if ((ret & IRQ_WAKE_THREAD) !== 0) {
    verdict = threadVerdict(desc, ret);
    if (verdict === IRQ_WAKE_THREAD) return;
  }
  if (verdict === IRQ_NONE) countUnhandled(desc);
  if (desc.genirq.spurious.irqfixup !== 0 && shouldTryMisrouted(desc, verdict)) {
    const found = desc.genirq.spurious.findMisrouted(desc);
    if (verdict === IRQ_NONE && found) desc.irqsUnhandled--;
  }
  if (desc.irqsUnhandled === 0) return;
  if (++desc.irqCount < WINDOW) return;
  desc.irqCount = 0;
  if (desc.irqsUnhandled > TOO_MANY) disableStuck(desc);
  desc.irqsUnhandled = 0;
}

/** IRQ_HANDLED or IRQ_NONE of the thread run before, or IRQ_WAKE_THREAD when that is not known yet. */
function threadVerdict(desc: IrqDesc, ret: number): number {
  if (ret !== IRQ_WAKE_THREAD) {
    desc.threadsHandledLast &= ~DEFERRED;
    return IRQ_HANDLED;
  }
  if ((desc.threadsHandledLast & DEFERRED) === 0) {
    desc.threadsHandledLast |= DEFERRED;
    return IRQ_WAKE_THREAD;
  }
  const handled = desc.threadsHandled | DEFERRED;
  if (handled === desc.threadsHandledLast) return IRQ_NONE;
  desc.threadsHandledLast = handled;
  return IRQ_HANDLED;
}

function countUnhandled(desc: IrqDesc): void {
  const now = desc.genirq.smp.clock.nowNs();
  if (now > desc.lastUnhandledNs + BURST_NS) desc.irqsUnhandled = 1;
  else desc.irqsUnhandled++;
  desc.lastUnhandledNs = now;
}

/** `irqpoll` also looks around after handled interrupts that drive the polling, irq 0 by tradition. @kernel try_misrouted_irq */
function shouldTryMisrouted(desc: IrqDesc, verdict: number): boolean {
  if (verdict === IRQ_NONE) return true;
  if (desc.genirq.spurious.irqfixup < 2) return false;
  return desc.irq === 0 || (desc.action !== null && (desc.action.flags & IRQF.IRQPOLL) !== 0);
}

function disableStuck(desc: IrqDesc): void {
  const { smp, spurious } = desc.genirq;
  reportBadIrq(desc);
  smp.log.emerg(`Disabling IRQ #${desc.irq}`);
  desc.istate |= IRQS.SPURIOUS_DISABLED;
  desc.depth++;
  irqDisable(desc);
  spurious.nextPollNs = smp.clock.nowNs() + POLL_INTERVAL_NS;
}
