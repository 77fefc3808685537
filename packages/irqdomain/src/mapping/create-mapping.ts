import { allocDescs, freeDescs, type IrqAffinityDesc } from '@irqchip/genirq-core';
import { NUMA_NO_NODE, ofNodeFullName } from '../domain/fwnode.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqDomainFreeIrqs } from '../hierarchy/free.ts';
import { irqDomainAllocDescs } from './alloc-descs.ts';
import { associateLocked, irqDomainAssociate, irqDomainDisassociate } from './associate.ts';
import { orNone } from './refused.ts';
import { irqFindMapping } from './resolve.ts';
import { domainOf } from './revmap.ts';

/**
 * The Linux interrupt of `hwirq`, mapped now if it was not. Task context.
 *
 * Goes through the domain's `map`, also in a domain that has `alloc`.
 * @param where - a domain, or the machine's domains to mean the default one.
 * @returns 0 on any failure, as the kernel does; `domains.mappingError` says why.
 * @kernel irq_create_mapping
 */
export function irqCreateMapping(where: IrqDomain | IrqDomains, hwirq: number, affinity: readonly IrqAffinityDesc[] | null = null): number {
  const domain = domainOf(where);
  if (!domain) {
    (where as IrqDomains).smp.diagnostics.report('warn', `irq_create_mapping_affinity(, ${hwirq.toString(16)}) called with NULL domain`);
    return 0;
  }
  domain.domains.mappingError = null;
  return domain.locked('irq_create_mapping', () => {
    const virq = irqFindMapping(domain, hwirq);
    if (virq === 0) return createMappingLocked(domain, hwirq, affinity);
    domain.domains.smp.log.debug(`irq: existing mapping on virq ${virq}`);
    return virq;
  });
}

/** @kernel irq_create_mapping_affinity_locked */
export function createMappingLocked(domain: IrqDomain, hwirq: number, affinity: readonly IrqAffinityDesc[] | null): number {
  const { domains } = domain;
  const { log } = domains.smp;
  log.debug(`irq: irq_create_mapping(0x(____ptrval____), 0x${hwirq.toString(16)})`);
  const virq = orNone(domains, 0, () => irqDomainAllocDescs(domains, -1, 1, hwirq, domain.fwnode?.nid ?? NUMA_NO_NODE, affinity));
  if (virq === 0) {
    log.debug('irq: -> virq allocation failed');
    return 0;
  }
  const mapped = orNone(domains, 0, () => {
    try {
      associateLocked(domain, virq, hwirq);
    } catch (error) {
      freeDescs(domains.genirq, virq, 1);
      throw error;
    }
    return virq;
  });
  if (mapped === 0) return 0;
  log.debug(`irq: irq ${hwirq} on domain ${ofNodeFullName(domain.fwnode)} mapped to virtual irq ${virq}`);
  return virq;
}

/**
 * A new interrupt of a domain without reverse map: its hwirq is its virq. Task context.
 * @returns as {@link irqCreateMapping}.
 * @kernel irq_create_direct_mapping
 */
export function irqCreateDirectMapping(where: IrqDomain | IrqDomains): number {
  const domain = domainOf(where);
  if (!domain) return 0;
  const { domains } = domain;
  const { genirq, smp } = domains;
  domains.mappingError = null;
  const virq = orNone(domains, 0, () => allocDescs(genirq, -1, 1, 1, domain.fwnode?.nid ?? NUMA_NO_NODE, null));
  if (virq === 0) {
    smp.log.debug('irq: create_direct virq allocation failed');
    return 0;
  }
  if (virq >= domain.hwirqMax) {
    smp.log.err(`irq: ERROR: no free irqs available below ${domain.hwirqMax} maximum`);
    freeDescs(genirq, virq, 1);
    return 0;
  }
  smp.log.debug(`irq: create_direct obtained virq ${virq}`);
  const associated = orNone(domains, 0, () => { irqDomainAssociate(domain, virq, virq); return virq; });
  if (associated === 0) freeDescs(genirq, virq, 1);
  return associated;
}

/**
 * Undoes a mapping of either kind, and frees its descriptor. Unknown virqs are ignored. Task context.
 * @kernel irq_dispose_mapping
 */
export function irqDisposeMapping(domains: IrqDomains, virq: number): void {
  const { genirq, smp } = domains;
  const data = virq > 0 ? genirq.irqToDesc(virq)?.irqData : undefined;
  if (!data) return;
  const domain = data.domain as IrqDomain | null;
  if (smp.diagnostics.warnOn(domain === null, `irq_dispose_mapping: virq${virq} belongs to no domain; free its descriptor with freeDescs().`)) return;
  if (domain!.wired) {
    domain!.wired.free(virq);
  } else if (domain!.isHierarchy) {
    irqDomainFreeIrqs(domains, virq, 1);
  } else {
    irqDomainDisassociate(domain!, virq);
    freeDescs(genirq, virq, 1);
  }
}
