import { checkFlowNeeds, clearStatusFlags, freeDescs, IRQ, type IrqAffinityDesc, type IrqData } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqDomainAllocDescs } from '../mapping/alloc-descs.ts';
import { domainOf, setMapping } from '../mapping/revmap.ts';
import { freeHierarchy } from './free.ts';
import { allocIrqData, freeIrqData } from './irq-data.ts';
import { trimHierarchy } from './trim.ts';

/**
 * Allocates `nrIrqs` interrupts in a row through the whole hierarchy. Task context.
 *
 * When `alloc` fails, what the core made is undone, but no `free` is called: a driver's `alloc` undoes its own half.
 * @param node - NUMA node of the descriptors, -1 for any.
 * @param arg - handed to the outermost domain's `alloc`.
 * @returns the first virq.
 * @throws IrqError `EINVAL` without a domain or with an incomplete chain, `ENOSYS` when the domain has no `alloc`, `ENOMEM`, or
 * what `alloc` throws.
 * @kernel irq_domain_alloc_irqs
 */
export function irqDomainAllocIrqs(where: IrqDomain | IrqDomains, nrIrqs: number, node: number, arg: unknown): number {
  return irqDomainAllocIrqsAt(where, -1, nrIrqs, node, arg, false, null);
}

/**
 * As {@link irqDomainAllocIrqs}, at a given virq.
 * @param virqBase - the first virq, -1 for any.
 * @param realloc - the descriptors from `virqBase` exist already; they are freed when this fails.
 * @kernel __irq_domain_alloc_irqs
 */
export function irqDomainAllocIrqsAt(
  where: IrqDomain | IrqDomains, virqBase: number, nrIrqs: number, node: number, arg: unknown, realloc: boolean,
  affinity: readonly IrqAffinityDesc[] | null,
): number {
  const domain = domainOf(where);
  if (!domain) {
    (where as IrqDomains).smp.diagnostics.report('warn', 'domain is NULL; cannot allocate IRQ');
    throw new IrqError('EINVAL', 'irq_domain_alloc_irqs: there is no default domain; name one, or set one with setDefaultDomain().');
  }
  return domain.locked('irq_domain_alloc_irqs', () => allocIrqsLocked(domain, virqBase, nrIrqs, node, arg, realloc, affinity));
}

/** @kernel irq_domain_alloc_irqs_locked */
export function allocIrqsLocked(
  domain: IrqDomain, virqBase: number, nrIrqs: number, node: number, arg: unknown, realloc: boolean, affinity: readonly IrqAffinityDesc[] | null,
): number {
  const { domains } = domain;
  const { genirq } = domains;
  const virq = realloc && virqBase >= 0 ? virqBase : irqDomainAllocDescs(domains, virqBase, nrIrqs, 0, node, affinity);
  try {
    allocIrqData(domain, virq, nrIrqs);
    allocHierarchy(domain, virq, nrIrqs, arg);
    for (let i = 0; i < nrIrqs; i++) trimHierarchy(domain, virq + i);
    checkFlows(domain, virq, nrIrqs);
  } catch (error) {
    freeIrqData(domain, virq, nrIrqs);
    freeDescs(genirq, virq, nrIrqs);
    throw error;
  }
  for (let i = 0; i < nrIrqs; i++) insertIrq(domains, virq + i);
  return virq;
}

/** An inner level may have set the flow before the outermost one had its chip: only now can the two be compared. */
function checkFlows(domain: IrqDomain, virq: number, nrIrqs: number): void {
  const { genirq } = domain.domains;
  try {
    for (let i = 0; i < nrIrqs; i++) {
      const desc = genirq.irqToDesc(virq + i)!;
      checkFlowNeeds(desc.irqData.chip, desc.handleIrq, desc.irqData.parentData);
    }
  } catch (error) {
    freeHierarchy(domain, virq, nrIrqs);
    throw error;
  }
}

/** @kernel irq_domain_alloc_irqs_hierarchy */
export function allocHierarchy(domain: IrqDomain, virq: number, nrIrqs: number, arg: unknown): void {
  if (!domain.ops.alloc) {
    domain.domains.smp.log.debug('irq: domain->ops->alloc() is NULL');
    throw new IrqError('ENOSYS', `Domain ${domain.name} has no alloc, so nothing can be allocated from it or through it; map with irqCreateMapping().`);
  }
  domain.ops.alloc(domain, virq, nrIrqs, arg);
}

/** Makes every level of `virq` findable. @kernel irq_domain_insert_irq */
function insertIrq({ genirq }: IrqDomains, virq: number): void {
  const desc = genirq.irqToDesc(virq)!;
  for (let data: IrqData | null = desc.irqData; data; data = data.parentData) {
    const domain = data.domain as IrqDomain;
    domain.mapcount++;
    setMapping(domain, data.hwirq, desc);
  }
  clearStatusFlags(genirq, virq, IRQ.NOREQUEST);
}

/**
 * From inside `alloc`: allocates the same block from the parent domain.
 * @throws IrqError `ENOSYS` without a parent, or what the parent's `alloc` throws.
 * @kernel irq_domain_alloc_irqs_parent
 */
export function irqDomainAllocIrqsParent(domain: IrqDomain, virqBase: number, nrIrqs: number, arg: unknown): void {
  if (!domain.parent) throw new IrqError('ENOSYS', `Domain ${domain.name} has no parent to allocate from; create it with irqDomainCreateHierarchy().`);
  allocHierarchy(domain.parent, virqBase, nrIrqs, arg);
}
