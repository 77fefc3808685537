import type { IrqData } from '@irqchip/irqdesc';
import type { CpuMask } from '@irqchip/smp';

/**
 * A chip's `irqSetAffinity` says here which CPUs the interrupt really goes to. Descriptor locked.
 * @kernel irq_data_update_effective_affinity
 */
export function dataUpdateEffectiveAffinity(data: IrqData, mask: CpuMask): void {
  data.common.effectiveAffinity.copy(mask);
}

/** The CPUs that the interrupt was asked to go to. @kernel irq_data_get_affinity_mask */
export function dataGetAffinityMask(data: IrqData): CpuMask {
  return data.common.affinity;
}

/** The CPUs that it really goes to; empty while the chip has not said. @kernel irq_data_get_effective_affinity_mask */
export function dataGetEffectiveAffinityMask(data: IrqData): CpuMask {
  return data.common.effectiveAffinity;
}
