import { CpuMask } from '@irqchip/smp';
import { IRQCHIP, IRQD } from '../desc/flags.ts';
import type { IrqData } from '../desc/irq-data.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';

/**
 * Whether `-EBUSY` of a chip becomes a pending move: RISC-V kernels have pending moves since 7.x only. A chip that asks for
 * deferred moves by IRQCHIP.MOVE_DEFERRED gets them in every version.
 * @kernel CONFIG_GENERIC_PENDING_IRQ
 */
export function hasPendingMoves(desc: IrqDesc): boolean {
  return desc.genirq.linux !== '6.12';
}

/** Whether the chip can be reprogrammed at any time. @kernel irq_can_move_pcntxt */
export function canMovePcntxt(data: IrqData): boolean {
  return ((data.chip.flags ?? 0) & IRQCHIP.MOVE_DEFERRED) === 0;
}

/** @kernel irq_move_pending */
export function isMovePending(data: IrqData): boolean {
  return (data.common.state & IRQD.SETAFFINITY_PENDING) !== 0;
}

/** Notes that the interrupt shall move to `mask` when it next arrives. Descriptor locked. @kernel irqd_set_move_pending */
export function setPendingMove(desc: IrqDesc, mask: CpuMask): void {
  desc.common.state |= IRQD.SETAFFINITY_PENDING;
  desc.pendingMask ??= new CpuMask(desc.genirq.smp.cpus.nrCpuIds);
  desc.pendingMask.copy(mask);
}

/**
 * Before a CPU goes: drops a pending move that has no online target left, or any when `forceClear`. Returns whether there was
 * one with an online target; its mask stays readable in `pendingMask`. Descriptor locked.
 * @kernel irq_fixup_move_pending
 */
export function fixupMovePending(desc: IrqDesc, forceClear: boolean): boolean {
  if (!isMovePending(desc.irqData) || desc.pendingMask === null) return false;
  const alive = desc.pendingMask.intersects(desc.genirq.smp.cpus.online);
  if (!alive || forceClear) desc.common.state &= ~IRQD.SETAFFINITY_PENDING;
  return alive;
}
