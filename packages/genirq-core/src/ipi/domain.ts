import type { IrqDataDomain } from '@irqchip/irqdesc';

/** A virq for each CPU, consecutive. @kernel IRQ_DOMAIN_FLAG_IPI_PER_CPU */
const IPI_PER_CPU = 1 << 2;

/** @kernel irq_domain_is_ipi_per_cpu */
export function isIpiPerCpu(domain: IrqDataDomain | null): boolean {
  return domain !== null && domain.flags !== undefined && (domain.flags & IPI_PER_CPU) !== 0;
}
