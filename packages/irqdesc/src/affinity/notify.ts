import { IrqError, type CpuMask } from '@irqchip/smp';
import type { Genirq } from '../genirq.ts';
import { IRQS } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { isMovePending } from './pending.ts';

/**
 * Has `notify` called in task context after each change of the affinity of `irq`; null stops it. A notifier that is replaced
 * before it was told is not told any more. Task context.
 * @throws IrqError `EINVAL` for an interrupt that does not exist, or an NMI.
 * @kernel irq_set_affinity_notifier
 */
export function irqSetAffinityNotifier(genirq: Genirq, irq: number, notify: ((mask: CpuMask) => void) | null): void {
  genirq.smp.mightSleep(`irqSetAffinityNotifier(${irq})`);
  const desc = genirq.irqToDesc(irq);
  if (desc === null || (desc.istate & IRQS.NMI) !== 0) {
    throw new IrqError('EINVAL', `No affinity notifier for irq ${irq}: it ${desc === null ? 'is not allocated' : 'is an NMI'}.`);
  }
  const flags = desc.lock.lockIrqsave();
  desc.affinityNotify = notify;
  const queued = genirq.affinityWork.indexOf(desc);
  if (queued >= 0) genirq.affinityWork.splice(queued, 1);
  desc.lock.unlockIrqrestore(flags);
}

/** Queues the notifier, once until it ran. Descriptor locked; any context. @kernel irq_affinity_schedule_notify_work */
export function scheduleAffinityNotify(desc: IrqDesc): void {
  if (desc.affinityNotify !== null && !desc.genirq.affinityWork.includes(desc)) desc.genirq.affinityWork.push(desc);
}

/**
 * Calls the queued notifiers with the mask that holds now. Task context, interrupts on; a set-up call does it on its way out,
 * after a migration whoever runs deferred work does. Does nothing in hard irq context or with interrupts off.
 * @kernel irq_affinity_notify
 */
export function runAffinityNotify(genirq: Genirq): void {
  const { cpus } = genirq.smp;
  if (cpus.inHardirq() || cpus.irqsDisabled()) return;
  for (let desc = genirq.affinityWork.shift(); desc !== undefined; desc = genirq.affinityWork.shift()) {
    const pending = isMovePending(desc.irqData) ? desc.pendingMask : null;
    desc.affinityNotify?.((pending ?? desc.common.affinity).clone());
  }
}
