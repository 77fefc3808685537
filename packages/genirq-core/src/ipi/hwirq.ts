import type { Genirq } from '@irqchip/irqdesc';
import { isIpiPerCpu } from './domain.ts';

/** No such hardware interrupt. @kernel INVALID_HWIRQ */
export const INVALID_HWIRQ = 0xffffffff;

/**
 * The hardware interrupt by which `irq` reaches `cpu`: what a coprocessor must be told to send. Any context.
 * @returns INVALID_HWIRQ when there is no such interrupt, or `cpu` is not in its affinity mask.
 * @kernel ipi_get_hwirq
 */
export function ipiGetHwirq(genirq: Genirq, irq: number, cpu: number): number {
  const desc = genirq.irqToDesc(irq);
  if (desc === null || !desc.common.affinity.test(cpu)) return INVALID_HWIRQ;
  if (!isIpiPerCpu(desc.irqData.domain)) return desc.irqData.hwirq;
  return genirq.irqToDesc(irq + cpu - desc.common.ipiOffset)?.irqData.hwirq ?? INVALID_HWIRQ;
}
