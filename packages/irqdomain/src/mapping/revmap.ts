import type { IrqDesc } from '@irqchip/genirq-core';
import { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';

/** @kernel irq_domain_set_mapping */
export function setMapping(domain: IrqDomain, hwirq: number, desc: IrqDesc): void {
  if (domain.isNomap) return;
  if (hwirq < domain.revmapSize) domain.revmap[hwirq] = desc;
  else domain.tree.set(hwirq, desc);
}

/** @kernel irq_domain_clear_mapping */
export function clearMapping(domain: IrqDomain, hwirq: number): void {
  if (domain.isNomap) return;
  if (hwirq < domain.revmapSize) domain.revmap[hwirq] = null;
  else domain.tree.delete(hwirq);
}

/** A domain, or the machine's domains to mean its default one. */
export function domainOf(where: IrqDomain | IrqDomains): IrqDomain | null {
  return where instanceof IrqDomain ? where : where.defaultDomain;
}
