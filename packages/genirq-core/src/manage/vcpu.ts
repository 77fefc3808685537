import type { Genirq, IrqData } from '@irqchip/irqdesc';
import { noSuchIrq, withDescLocked } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';

/**
 * Hands an interrupt over to a virtual CPU, or takes it back: the nearest chip of the hierarchy that knows how does it. Any context.
 * @param info - what that chip understands; null to take it back.
 * @throws IrqError `EINVAL` without a descriptor; `ENOSYS` when no chip of the hierarchy can; what the chip threw.
 * @kernel irq_set_vcpu_affinity
 */
export function setVcpuAffinity(genirq: Genirq, irq: number, info: unknown): void {
  const done = withDescLocked(genirq, irq, 'any', ({ irqData }) => {
    for (let level: IrqData | null = irqData; level !== null; level = level.parentData) {
      if (!level.chip.irqSetVcpuAffinity) continue;
      level.chip.irqSetVcpuAffinity(level, info);
      return true;
    }
    throw new IrqError('ENOSYS', `irq ${irq}: no chip of its hierarchy has irqSetVcpuAffinity, so no virtual CPU can have it.`);
  });
  if (!done) throw noSuchIrq(irq, 'setVcpuAffinity');
}
