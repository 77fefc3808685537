import { type Genirq, IRQD, type IrqDesc, irqSetAffinityLocked, irqStartupManaged } from '@irqchip/irqdesc';
import { errnoOf } from '@irqchip/smp';

/**
 * Brings the managed interrupts of `cpu` back to it: those that were shut down for want of a CPU start again. The startup of
 * cpuhp's `irq/affinity:online`, task context of the CPU that came up.
 * @kernel irq_affinity_online_cpu
 */
export function affinityOnlineCpu(genirq: Genirq, cpu: number): void {
  for (const desc of genirq.descs) {
    const flags = desc.lock.lockIrqsave();
    restoreAffinity(desc, cpu);
    desc.lock.unlockIrqrestore(flags);
  }
}

function restoreAffinity(desc: IrqDesc, cpu: number): void {
  const { irqData: data, common } = desc;
  if ((common.state & IRQD.AFFINITY_MANAGED) === 0 || desc.action === null || !common.affinity.test(cpu)) return;
  if ((common.state & IRQD.MANAGED_SHUTDOWN) !== 0) irqStartupManaged(desc);
  // A single-target interrupt is on a CPU of its mask already, and moves only to leave an isolated one.
  if ((common.state & IRQD.SINGLE_TARGET) !== 0 && !shouldIsolate(desc, cpu)) return;
  try {
    irqSetAffinityLocked(data, common.affinity, false);
  } catch (error) {
    errnoOf(error);
  }
}

/** Whether the interrupt runs on isolated CPUs while `cpu`, a housekeeping one, comes up. @kernel hk_should_isolate */
function shouldIsolate(desc: IrqDesc, cpu: number): boolean {
  const housekeeping = desc.genirq.managedIrqHousekeeping;
  if (housekeeping === null || desc.common.effectiveAffinity.isSubsetOf(housekeeping)) return false;
  return housekeeping.test(cpu);
}
