import { handleIrqEvent } from '../flow/handle-event.ts';
import type { Genirq } from '../genirq.ts';
import { IRQ, IRQD, IRQF, IRQS, IRQ_HANDLED } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { POLL_INTERVAL_NS } from './state.ts';

/**
 * The poll timer: runs the handlers of every shared interrupt that was disabled as stuck, in case its device has something
 * after all. The clock's owner calls it at `genirq.spurious.nextPollNs`, which it moves on. Timer context, interrupts on.
 * @kernel poll_spurious_irqs
 */
export function pollSpuriousIrqs(genirq: Genirq): void {
  const { spurious, descs, smp: { cpus, clock } } = genirq;
  if (spurious.pollCpu < 0) {
    spurious.pollCpu = cpus.current;
    for (const desc of descs) {
      if (desc.irq === 0 || (desc.istate & IRQS.SPURIOUS_DISABLED) === 0) continue;
      const flags = cpus.localIrqSave();
      tryOneIrq(desc, true);
      cpus.localIrqRestore(flags);
    }
    spurious.pollCpu = -1;
  }
  spurious.nextPollNs = clock.nowNs() + POLL_INTERVAL_NS;
}

/**
 * `irqfixup`: offers an interrupt that nobody handled on its own line to the handlers of all others; whether one took it.
 * @kernel misrouted_irq
 */
export function misroutedIrq(unhandled: IrqDesc): boolean {
  const { spurious, descs, smp: { cpus } } = unhandled.genirq;
  if (spurious.pollCpu >= 0) return false;
  spurious.pollCpu = cpus.current;
  let found = false;
  for (const desc of descs) if (desc.irq !== 0 && desc !== unhandled && tryOneIrq(desc, false)) found = true;
  spurious.pollCpu = -1;
  return found;
}

/**
 * Waits while another CPU polls the interrupt; true when it may be handled afterwards. Descriptor locked, released meanwhile.
 * @kernel irq_wait_for_poll
 */
export function irqWaitForPoll(desc: IrqDesc): boolean {
  const { spurious, smp: { cpus, diagnostics } } = desc.genirq;
  if (spurious.pollCpu === cpus.current) {
    diagnostics.warnOnce(true, `irq poll in progress on cpu ${cpus.current} for irq ${desc.irq}`);
    return false;
  }
  do {
    desc.lock.unlock();
    cpus.waitUntil(() => (desc.common.state & IRQD.IRQ_INPROGRESS) === 0, `the poll of irq ${desc.irq}`);
    desc.lock.lock();
  } while ((desc.common.state & IRQD.IRQ_INPROGRESS) !== 0);
  return (desc.common.state & IRQD.IRQ_DISABLED) === 0 && desc.action !== null;
}

/** @kernel try_one_irq */
function tryOneIrq(desc: IrqDesc, force: boolean): boolean {
  desc.lock.lock();
  let handled = false;
  if (mayPoll(desc, force)) {
    if ((desc.common.state & IRQD.IRQ_INPROGRESS) !== 0) {
      // It runs elsewhere: that CPU shall look once more.
      desc.istate |= IRQS.PENDING;
    } else {
      desc.istate |= IRQS.POLL_INPROGRESS;
      do {
        if (handleIrqEvent(desc) === IRQ_HANDLED) handled = true;
      } while ((desc.istate & IRQS.PENDING) !== 0 && desc.action !== null);
      desc.istate &= ~IRQS.POLL_INPROGRESS;
    }
  }
  desc.lock.unlock();
  return handled;
}

function mayPoll(desc: IrqDesc, force: boolean): boolean {
  if ((desc.settings & (IRQ.PER_CPU | IRQ.NESTED_THREAD | IRQ.IS_POLLED)) !== 0) return false;
  if ((desc.common.state & IRQD.IRQ_DISABLED) !== 0 && !force) return false;
  // All actions of an interrupt agree on SHARED: the first speaks for all.
  const { action } = desc;
  return action !== null && (action.flags & IRQF.SHARED) !== 0 && (action.flags & IRQF.TIMER) === 0;
}
