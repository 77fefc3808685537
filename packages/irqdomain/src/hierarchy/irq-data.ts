import { makeIrqData, type IrqChip, type IrqData } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { ofNodeFullName } from '../domain/fwnode.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';

/** Stands where the kernel has a NULL chip: a level that nobody has set up yet. */
export const UNSET_CHIP: IrqChip = Object.freeze({ name: '(unset)' });

/** Stands where the kernel has ERR_PTR(-ENOTCONN): the chain is cut here when the allocation ends. */
export const DISCONNECTED_CHIP: IrqChip = Object.freeze({ name: '(disconnected)' });

/** The level of `virq` that belongs to `domain`, or null. Any context. @kernel irq_domain_get_irq_data */
export function irqDomainGetIrqData(domain: IrqDomain, virq: number): IrqData | null {
  let data: IrqData | null = domain.domains.genirq.irqToDesc(virq)?.irqData ?? null;
  while (data !== null && data.domain !== domain) data = data.parentData;
  return data;
}

/** The level of `domain`, which has to be there. */
export function levelOf(domain: IrqDomain, virq: number, who: string): IrqData {
  const data = irqDomainGetIrqData(domain, virq);
  if (data) return data;
  throw new IrqError('ENOENT', `${who}: virq ${virq} has no level in domain ${domain.name} (${ofNodeFullName(domain.fwnode)}); allocate it from this domain or one stacked on it.`);
}

/**
 * Gives `nrIrqs` descriptors one level per domain, outermost in the descriptor, each parent with no chip yet.
 * @throws IrqError `ENOMEM`; what was made is for {@link freeIrqData}.
 * @kernel irq_domain_alloc_irq_data
 */
export function allocIrqData(domain: IrqDomain, virq: number, nrIrqs: number): void {
  const { genirq, smp } = domain.domains;
  for (let i = 0; i < nrIrqs; i++) {
    let data = genirq.irqToDesc(virq + i)!.irqData;
    data.domain = domain;
    for (let parent = domain.parent; parent; parent = parent.parent) {
      smp.faults.check('irq_data');
      data.parentData = makeIrqData(virq + i, UNSET_CHIP, data.common, parent);
      data = data.parentData;
    }
  }
}

/** Drops the chains, and the domain of the outermost level. @kernel irq_domain_free_irq_data */
export function freeIrqData(domain: IrqDomain, virq: number, nrIrqs: number): void {
  for (let i = 0; i < nrIrqs; i++) {
    const data = domain.domains.genirq.irqToDesc(virq + i)?.irqData;
    if (!data) continue;
    data.parentData = null;
    data.domain = null;
  }
}

/**
 * Says, from inside `alloc`, that nothing below this level serves the interrupt: the chain is cut above it when the
 * allocation ends.
 * @throws IrqError `EINVAL` when `virq` has no level in `domain`.
 * @kernel irq_domain_disconnect_hierarchy
 */
export function irqDomainDisconnectHierarchy(domain: IrqDomain, virq: number): void {
  const data = irqDomainGetIrqData(domain, virq);
  if (!data) throw new IrqError('EINVAL', `irq_domain_disconnect_hierarchy: virq ${virq} has no level in domain ${domain.name}.`);
  data.chip = DISCONNECTED_CHIP;
}
