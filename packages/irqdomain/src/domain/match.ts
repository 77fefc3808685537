import { DOMAIN_BUS } from './flags.ts';
import type { FwNode } from './fwnode.ts';
import type { IrqDomain, IrqFwspec } from './irq-domain.ts';
import type { IrqDomains } from './irq-domains.ts';

/**
 * The newest domain that serves `fwspec`, or null. Any context that may sleep.
 * @param busToken - ANY matches every token.
 * @kernel irq_find_matching_fwspec
 */
export function irqFindMatchingFwspec(domains: IrqDomains, fwspec: IrqFwspec, busToken: number): IrqDomain | null {
  domains.smp.mightSleep('irqFindMatchingFwspec');
  for (const domain of domains.list) if (serves(domain, fwspec, busToken)) return domain;
  return null;
}

function serves(domain: IrqDomain, fwspec: IrqFwspec, busToken: number): boolean {
  const { ops } = domain;
  const { fwnode } = fwspec;
  if (ops.select && busToken !== DOMAIN_BUS.ANY) return ops.select(domain, fwspec, busToken);
  if (ops.match) return ops.match(domain, fwnode?.kind === 'of' ? fwnode : null, busToken);
  return fwnode !== null && domain.fwnode === fwnode && (busToken === DOMAIN_BUS.ANY || domain.busToken === busToken);
}

/** The newest domain of `fwnode`, or null. @kernel irq_find_matching_fwnode */
export function irqFindMatchingFwnode(domains: IrqDomains, fwnode: FwNode | null, busToken: number): IrqDomain | null {
  return irqFindMatchingFwspec(domains, { fwnode, param: [] }, busToken);
}

/** The newest domain of a device-tree node, or null. @kernel irq_find_matching_host */
export function irqFindMatchingHost(domains: IrqDomains, node: FwNode | null, busToken: number): IrqDomain | null {
  return irqFindMatchingFwnode(domains, node, busToken);
}

/** As {@link irqFindMatchingHost}, wired interrupts preferred. @kernel irq_find_host */
export function irqFindHost(domains: IrqDomains, node: FwNode | null): IrqDomain | null {
  return irqFindMatchingHost(domains, node, DOMAIN_BUS.WIRED) ?? irqFindMatchingHost(domains, node, DOMAIN_BUS.ANY);
}

/** The domain that a description names: WIRED, then ANY; the default one when it names no node. */
export function irqFwspecDomain(domains: IrqDomains, fwspec: IrqFwspec): IrqDomain | null {
  if (!fwspec.fwnode) return domains.defaultDomain;
  return irqFindMatchingFwspec(domains, fwspec, DOMAIN_BUS.WIRED) ?? irqFindMatchingFwspec(domains, fwspec, DOMAIN_BUS.ANY);
}
