import type { IrqCommonData } from '@irqchip/irqdesc';

/** The NUMA node of an interrupt as it is shown; kernels without NUMA keep none and show 0. @kernel irq_common_data_get_node */
export function irqCommonDataGetNode({ node, desc }: IrqCommonData): number {
  return desc.genirq.numa ? node : 0;
}
