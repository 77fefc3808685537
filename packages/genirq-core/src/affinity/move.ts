import { IRQD, type IrqData, irqDoSetAffinity, isMovePending } from '@irqchip/irqdesc';
import { ERRNO } from '@irqchip/smp';

/**
 * Applies a pending move, with the line masked around it. A chip that defers moves calls it from its `irqAck`, so that the
 * controller cannot signal while its target changes; without a pending move it is one test. Hard irq, descriptor locked.
 * @kernel irq_move_irq
 */
export function irqMoveIrq(data: IrqData): void {
  if (!isMovePending(data)) return;
  const top = data.common.desc.irqData;
  if ((top.common.state & IRQD.IRQ_DISABLED) !== 0) return;
  const masked = (top.common.state & IRQD.IRQ_MASKED) !== 0;
  if (!masked) top.chip.irqMask?.(top);
  irqMoveMaskedIrq(top);
  if (!masked) top.chip.irqUnmask?.(top);
}

/**
 * {@link irqMoveIrq} for a line that the caller has masked. A chip that is still busy with the move before (-EBUSY) keeps this
 * one pending. Descriptor locked.
 * @kernel irq_move_masked_irq
 */
export function irqMoveMaskedIrq(data: IrqData): void {
  if (!isMovePending(data)) return;
  const { desc } = data.common;
  const { smp } = desc.genirq;
  desc.common.state &= ~IRQD.SETAFFINITY_PENDING;
  if (smp.diagnostics.warnOn((desc.common.state & IRQD.PER_CPU) !== 0, `irq ${desc.irq} is per-CPU and cannot have a pending move.`)) return;
  const pending = desc.pendingMask;
  if (pending === null || pending.isEmpty() || desc.irqData.chip.irqSetAffinity === undefined) return;
  if (pending.intersects(smp.cpus.online) && irqDoSetAffinity(desc.irqData, pending, false) === -ERRNO.EBUSY) {
    desc.common.state |= IRQD.SETAFFINITY_PENDING;
    return;
  }
  pending.clearAll();
}

/** Lets the first level that knows how finish a move whose old vector is still in use. @kernel irq_force_complete_move */
export function irqForceCompleteMove(data: IrqData): void {
  for (let level: IrqData | null = data; level !== null; level = level.parentData) {
    if (level.chip.irqForceCompleteMove === undefined) continue;
    level.chip.irqForceCompleteMove(level);
    return;
  }
}
