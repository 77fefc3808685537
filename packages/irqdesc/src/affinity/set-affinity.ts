import { IrqError, errnoOf, type CpuMask } from '@irqchip/smp';
import type { Genirq } from '../genirq.ts';
import { IRQD, IRQ_SET_MASK } from '../desc/flags.ts';
import type { IrqData } from '../desc/irq-data.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { runAffinityNotify, scheduleAffinityNotify } from './notify.ts';
import { canMovePcntxt, hasPendingMoves, isMovePending, setPendingMove } from './pending.ts';

/** Whether anybody may move the interrupt: balanced, not per-CPU, and the chip can. @kernel irq_can_set_affinity */
export function irqCanSetAffinity(genirq: Genirq, irq: number): boolean {
  const desc = genirq.irqToDesc(irq);
  return desc !== null && descCanSetAffinity(desc);
}

/** {@link irqCanSetAffinity} for user space, which may not move managed interrupts. @kernel irq_can_set_affinity_usr */
export function irqCanSetAffinityUsr(genirq: Genirq, irq: number): boolean {
  const desc = genirq.irqToDesc(irq);
  return desc !== null && descCanSetAffinity(desc) && (desc.common.state & IRQD.AFFINITY_MANAGED) === 0;
}

/** {@link irqCanSetAffinity} of a descriptor at hand. @kernel __irq_can_set_affinity */
export function descCanSetAffinity(desc: IrqDesc): boolean {
  return (desc.common.state & (IRQD.PER_CPU | IRQD.NO_BALANCING)) === 0 && desc.irqData.chip.irqSetAffinity !== undefined;
}

/**
 * Sends an interrupt to `mask`: its online CPUs are programmed, the whole mask is remembered. A chip that defers moves, or one
 * that answers `EBUSY` where pending moves exist, is programmed at the next arrival instead. Any context, descriptor unlocked.
 * @throws IrqError `EINVAL` for an interrupt that does not exist, a chip that cannot, or a mask without an online CPU;
 * `EBUSY` and whatever else the chip refuses with.
 * @kernel irq_set_affinity
 */
export function irqSetAffinity(genirq: Genirq, irq: number, mask: CpuMask): void {
  setAffinity(genirq, irq, mask, false);
}

/**
 * {@link irqSetAffinity} that takes offline CPUs too and hands the mask to the chip as it is: for a CPU on its way up.
 * @throws IrqError as {@link irqSetAffinity}, the rule on online CPUs apart.
 * @kernel irq_force_affinity
 */
export function irqForceAffinity(genirq: Genirq, irq: number, mask: CpuMask): void {
  setAffinity(genirq, irq, mask, true);
}

function setAffinity(genirq: Genirq, irq: number, mask: CpuMask, force: boolean): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw new IrqError('EINVAL', `irq ${irq} has no affinity: it is not allocated.`);
  const flags = desc.lock.lockIrqsave();
  try {
    irqSetAffinityLocked(desc.irqData, mask, force);
  } finally {
    desc.lock.unlockIrqrestore(flags);
    if (genirq.affinityWork.length > 0) runAffinityNotify(genirq);
  }
}

/**
 * {@link irqSetAffinity} for a caller that holds the descriptor's lock. AFFINITY_SET is set, and the notifier queued, even when
 * programming failed.
 * @throws IrqError as {@link irqSetAffinity}.
 * @kernel irq_set_affinity_locked
 */
export function irqSetAffinityLocked(data: IrqData, mask: CpuMask, force: boolean): void {
  const { desc } = data.common;
  requireSetter(data);
  if (storeWhileDeactivated(data, mask)) return;
  try {
    if (canMovePcntxt(data) && !isMovePending(data)) programOrDefer(data, mask, force);
    else setPendingMove(desc, mask);
  } finally {
    scheduleAffinityNotify(desc);
    data.common.state |= IRQD.AFFINITY_SET;
  }
}

/**
 * Programs the chip, and nothing else: no pending move, no AFFINITY_SET. Descriptor locked.
 * @returns 0, or a negative errno: -EINVAL without a callback or an online CPU, or the chip's.
 * @kernel irq_do_set_affinity
 */
export function irqDoSetAffinity(data: IrqData, mask: CpuMask, force: boolean): number {
  try {
    programAffinity(data, mask, force);
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

function requireSetter(data: IrqData): void {
  if (data.chip.irqSetAffinity === undefined) {
    throw new IrqError('EINVAL', `irq ${data.irq} cannot be moved: its chip ${data.chip.name} has no irqSetAffinity.`);
  }
}

/** Chips that choose the target when they are activated are not asked before. */
function storeWhileDeactivated(data: IrqData, mask: CpuMask): boolean {
  const { common } = data;
  if ((common.state & IRQD.ACTIVATED) !== 0 || (common.state & IRQD.AFFINITY_ON_ACTIVATE) === 0) return false;
  common.affinity.copy(mask);
  common.effectiveAffinity.copy(mask);
  common.state |= IRQD.AFFINITY_SET;
  return true;
}

function programOrDefer(data: IrqData, mask: CpuMask, force: boolean): void {
  try {
    programAffinity(data, mask, force);
  } catch (error) {
    const busy = error instanceof IrqError && error.code === 'EBUSY';
    if (!busy || force || !hasPendingMoves(data.common.desc)) throw error;
    setPendingMove(data.common.desc, mask);
  }
}

function programAffinity(data: IrqData, mask: CpuMask, force: boolean): void {
  requireSetter(data);
  const { common, chip } = data;
  let target = mask;
  if (!force) {
    target = housekept(data, mask).and(common.desc.genirq.smp.cpus.online);
    if (target.isEmpty()) {
      throw new IrqError('EINVAL', `irq ${data.irq} cannot move to CPUs ${mask.toList() || '(none)'}: none of them is online.`);
    }
  }
  const result = chip.irqSetAffinity!(data, target, force);
  if (result === IRQ_SET_MASK.OK || result === IRQ_SET_MASK.OK_DONE) common.affinity.copy(mask);
  complainOfMissingEffectiveAffinity(data);
}

/** Managed interrupts keep to the housekeeping CPUs while one of theirs is online. */
function housekept(data: IrqData, mask: CpuMask): CpuMask {
  const { genirq } = data.common.desc;
  if (genirq.managedIrqHousekeeping === null || (data.common.state & IRQD.AFFINITY_MANAGED) === 0) return mask;
  const kept = mask.and(genirq.managedIrqHousekeeping);
  return kept.intersects(genirq.smp.cpus.online) ? kept : mask;
}

function complainOfMissingEffectiveAffinity(data: IrqData): void {
  if (!data.common.effectiveAffinity.isEmpty()) return;
  data.common.desc.genirq.smp.log.once('irq_validate_effective_affinity', 'warn',
    `genirq: irq_chip ${data.chip.name} did not update eff. affinity mask of irq ${data.irq}`);
}
