import {
  freeDescs, IRQ, noIrqChip, setChipAndHandler, setHandler, setHandlerData, setStatusFlags, synchronizeIrq, type IrqData,
} from '@irqchip/genirq-core';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { clearMapping } from '../mapping/revmap.ts';
import { freeIrqData, irqDomainGetIrqData } from './irq-data.ts';

/**
 * Frees a block of hierarchical interrupts: off the maps, `free` of the outermost domain one by one, then chains and
 * descriptors. A block without a domain that can free is reported and left. Task context, the interrupts free of handlers.
 * @kernel irq_domain_free_irqs
 */
export function irqDomainFreeIrqs(domains: IrqDomains, virq: number, nrIrqs: number): void {
  const { genirq, smp } = domains;
  const domain = genirq.irqToDesc(virq)?.irqData.domain as IrqDomain | null | undefined;
  if (!domain?.ops.free) {
    smp.diagnostics.report('warn', `NULL pointer, cannot free irq: virq ${virq} has no domain with a free operation`);
    return;
  }
  domain.locked('irq_domain_free_irqs', () => {
    for (let i = 0; i < nrIrqs; i++) removeIrq(domains, virq + i);
    freeHierarchy(domain, virq, nrIrqs);
  });
  freeIrqData(domain, virq, nrIrqs);
  freeDescs(genirq, virq, nrIrqs);
}

/** Takes every level of `virq` off the maps. @kernel irq_domain_remove_irq */
function removeIrq({ genirq }: IrqDomains, virq: number): void {
  setStatusFlags(genirq, virq, IRQ.NOREQUEST);
  setChipAndHandler(genirq, virq, null, null);
  synchronizeIrq(genirq, virq);
  for (let data: IrqData | null = genirq.irqToDesc(virq)?.irqData ?? null; data; data = data.parentData) {
    const domain = data.domain as IrqDomain;
    domain.mapcount--;
    clearMapping(domain, data.hwirq);
  }
}

/** @kernel irq_domain_free_irqs_hierarchy */
export function freeHierarchy(domain: IrqDomain, virqBase: number, nrIrqs: number): void {
  if (!domain.ops.free) return;
  for (let i = 0; i < nrIrqs; i++) {
    if (irqDomainGetIrqData(domain, virqBase + i)) domain.ops.free(domain, virqBase + i, 1);
  }
}

/** From inside `free` or a failing `alloc`: lets the parent free the block. Without a parent does nothing. @kernel irq_domain_free_irqs_parent */
export function irqDomainFreeIrqsParent(domain: IrqDomain, virqBase: number, nrIrqs: number): void {
  if (domain.parent) freeHierarchy(domain.parent, virqBase, nrIrqs);
}

/** Forgets what a level was set to: hwirq 0, no chip, no chip data. @kernel irq_domain_reset_irq_data */
export function irqDomainResetIrqData(data: IrqData): void {
  data.hwirq = 0;
  data.chip = noIrqChip;
  data.chipData = null;
}

/** A `free` for levels that own nothing: resets the level and frees the parents. @kernel irq_domain_free_irqs_common */
export function irqDomainFreeIrqsCommon(domain: IrqDomain, virq: number, nrIrqs: number): void {
  for (let i = 0; i < nrIrqs; i++) {
    const data = irqDomainGetIrqData(domain, virq + i);
    if (data) irqDomainResetIrqData(data);
  }
  irqDomainFreeIrqsParent(domain, virq, nrIrqs);
}

/** As {@link irqDomainFreeIrqsCommon}, for the level that set the flow handler. @kernel irq_domain_free_irqs_top */
export function irqDomainFreeIrqsTop(domain: IrqDomain, virq: number, nrIrqs: number): void {
  const { genirq } = domain.domains;
  for (let i = 0; i < nrIrqs; i++) {
    setHandlerData(genirq, virq + i, null);
    setHandler(genirq, virq + i, null);
  }
  irqDomainFreeIrqsCommon(domain, virq, nrIrqs);
}
