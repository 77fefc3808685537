import { type Genirq, IRQD, type IrqDesc, irqDoSetAffinity, irqShutdownAndDeactivate } from '@irqchip/irqdesc';
import { canMovePcntxt, fixupMovePending, scheduleAffinityNotify } from '@irqchip/irqdesc/internals';
import { ERRNO } from '@irqchip/smp';
import { irqForceCompleteMove } from './move.ts';

/**
 * Moves every interrupt off the running CPU, chained ones included. Called on the dying CPU with interrupts off, after it left
 * the online mask. An interrupt with no online CPU left goes to all online CPUs and stays there when the CPU returns; a managed
 * one is shut down instead until one of its CPUs comes back.
 * @kernel irq_migrate_all_off_this_cpu
 */
export function migrateAllOffThisCpu(genirq: Genirq): void {
  const { smp, descs } = genirq;
  for (const desc of descs) {
    desc.lock.lock();
    const broken = migrateOneIrq(desc);
    if (broken) scheduleAffinityNotify(desc);
    desc.lock.unlock();
    if (broken) smp.log.ratelimited('irq_migrate_all_off_this_cpu', 'debug', `IRQ ${desc.irq}: no longer affine to CPU${smp.cpus.current}`);
  }
}

/** Returns whether the interrupt's affinity had to be broken. */
function migrateOneIrq(desc: IrqDesc): boolean {
  const { irqData: data, genirq: { smp } } = desc;
  if (data.chip.irqSetAffinity === undefined) {
    smp.log.debug(`IRQ ${desc.irq}: Unable to migrate away`);
    return false;
  }
  irqForceCompleteMove(data);
  if ((data.common.state & IRQD.PER_CPU) !== 0 || (data.common.state & IRQD.IRQ_STARTED) === 0 || !needsFixup(desc)) {
    fixupMovePending(desc, false);
    return false;
  }
  const maskChip = !canMovePcntxt(data) && (data.common.state & IRQD.IRQ_MASKED) === 0;
  // Taken before anything else reads the pending bit: the last wish of a user must not be lost with the CPU.
  const wanted = fixupMovePending(desc, true) ? desc.pendingMask! : data.common.affinity;
  if (maskChip) data.chip.irqMask?.(data);
  if ((data.common.state & IRQD.AFFINITY_MANAGED) !== 0 && !wanted.intersects(smp.cpus.online)) {
    data.common.state |= IRQD.MANAGED_SHUTDOWN;
    irqShutdownAndDeactivate(desc);
    return false;
  }
  const broken = reprogram(desc, wanted);
  if (maskChip) data.chip.irqUnmask?.(data);
  return broken;
}

/** Programs `wanted`, or all online CPUs where it has none online or no room there; returns whether that broke it. */
function reprogram(desc: IrqDesc, wanted: typeof desc.common.affinity): boolean {
  const { irqData: data, genirq: { smp } } = desc;
  const { online } = smp.cpus;
  let broken = !wanted.intersects(online);
  // Never forced: that would let the chip choose the CPU that is going.
  let error = irqDoSetAffinity(data, broken ? online : wanted, false);
  if (error === -ERRNO.ENOSPC && !broken && (data.common.state & IRQD.AFFINITY_MANAGED) === 0) {
    smp.log.debug(`IRQ${desc.irq}: set affinity failed for ${wanted.toList()}, re-try with online CPUs`);
    broken = true;
    error = irqDoSetAffinity(data, online, false);
  }
  if (error === 0) return broken;
  smp.log.ratelimited('migrate_one_irq', 'warn', `IRQ${desc.irq}: set affinity failed(${error}).`);
  return false;
}

/** Whether the interrupt goes to the running CPU, or, which should never be, to offline CPUs only. @kernel irq_needs_fixup */
function needsFixup(desc: IrqDesc): boolean {
  const { common, genirq: { smp } } = desc;
  const cpu = smp.cpus.current;
  const mask = common.effectiveAffinity.isEmpty() ? common.affinity : common.effectiveAffinity;
  const others = mask.weight() > (mask.test(cpu) ? 1 : 0);
  if (others && !mask.intersects(smp.cpus.online)) {
    smp.log.warn(`Eff. affinity ${mask.toList()} of IRQ ${desc.irq} contains only offline CPUs after offlining CPU ${cpu}`);
    return true;
  }
  return mask.test(cpu);
}
