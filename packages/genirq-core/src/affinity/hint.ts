import { type Genirq, IRQ, irqSetAffinity } from '@irqchip/irqdesc';
import { IrqError, errnoOf, type CpuMask } from '@irqchip/smp';

/**
 * Shows `mask` to user space as the CPUs that would suit the driver, and moves the interrupt there; a refused move is no error.
 * null takes the hint away.
 * @throws IrqError `EINVAL` for an interrupt that does not exist or is per-CPU.
 * @kernel irq_set_affinity_and_hint
 */
export function irqSetAffinityAndHint(genirq: Genirq, irq: number, mask: CpuMask | null): void {
  applyAffinityHint(genirq, irq, mask, true);
}

/**
 * {@link irqSetAffinityAndHint} without the move.
 * @throws IrqError `EINVAL` likewise.
 * @kernel irq_update_affinity_hint
 */
export function irqUpdateAffinityHint(genirq: Genirq, irq: number, mask: CpuMask | null): void {
  applyAffinityHint(genirq, irq, mask, false);
}

function applyAffinityHint(genirq: Genirq, irq: number, mask: CpuMask | null, move: boolean): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null || (desc.settings & IRQ.PER_CPU_DEVID) !== 0) {
    throw new IrqError('EINVAL', `No affinity hint for irq ${irq}: it ${desc === null ? 'is not allocated' : 'is a per-CPU interrupt'}.`);
  }
  const flags = desc.lock.lockIrqsave();
  desc.affinityHint = mask;
  desc.lock.unlockIrqrestore(flags);
  if (mask === null || !move) return;
  try {
    irqSetAffinity(genirq, irq, mask);
  } catch (error) {
    errnoOf(error); // the hint stands even where the chip refuses
  }
}
