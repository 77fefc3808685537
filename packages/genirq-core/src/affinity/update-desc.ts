import { type Genirq, type IrqAffinityDesc, IRQD, irqDomainActivateIrq, irqDomainDeactivateIrq } from '@irqchip/irqdesc';
import { IrqError } from '@irqchip/smp';

/**
 * Gives an allocated interrupt the affinity that should have come with the allocation, and makes it managed if asked. Task
 * context, before the first request.
 * @throws IrqError `EINVAL` for an interrupt that does not exist; `EBUSY` when it is started, or managed already;
 * `EOPNOTSUPP` when its vectors are reserved and only assigned at request time.
 * @kernel irq_update_affinity_desc
 */
export function irqUpdateAffinityDesc(genirq: Genirq, irq: number, affinity: IrqAffinityDesc): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw new IrqError('EINVAL', `irq ${irq} has no affinity: it is not allocated.`);
  const { irqData: data, common } = desc;
  if ((common.state & IRQD.CAN_RESERVE) !== 0) throw new IrqError('EOPNOTSUPP', `irq ${irq} uses reservation mode; its affinity description cannot change.`);
  data.chip.irqBusLock?.(data);
  const flags = desc.lock.lockIrqsave();
  try {
    if ((common.state & (IRQD.IRQ_STARTED | IRQD.AFFINITY_MANAGED)) !== 0) {
      const why = (common.state & IRQD.IRQ_STARTED) !== 0 ? 'started: free it first' : 'managed already';
      throw new IrqError('EBUSY', `The affinity description of irq ${irq} cannot change: it is ${why}.`);
    }
    const activated = (common.state & IRQD.ACTIVATED) !== 0;
    if (activated) irqDomainDeactivateIrq(data);
    if (affinity.isManaged) common.state |= IRQD.AFFINITY_MANAGED | IRQD.MANAGED_SHUTDOWN;
    common.affinity.copy(affinity.mask);
    if (activated) irqDomainActivateIrq(data, false);
  } finally {
    desc.lock.unlockIrqrestore(flags);
    data.chip.irqBusSyncUnlock?.(data);
  }
}
