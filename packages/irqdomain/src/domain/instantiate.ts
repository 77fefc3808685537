import { allocDescs } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { irqDomainAssociateMany } from '../mapping/associate.ts';
import { DOMAIN_BUS, IRQ_DOMAIN_FLAG } from './flags.ts';
import type { FwNode } from './fwnode.ts';
import { IrqDomain, type IrqDomainOps } from './irq-domain.ts';
import type { IrqDomains } from './irq-domains.ts';
import { makeDomainName } from './names.ts';

/** `hwirqMax` of a domain that sets no limit. */
export const HWIRQ_NO_LIMIT: number = Number.MAX_SAFE_INTEGER;

/** Everything that can be said about a new domain. @kernel irq_domain_info */
export interface IrqDomainInfo {
  readonly fwnode: FwNode | null;
  readonly ops: IrqDomainOps;
  /** IRQ_DOMAIN_FLAG.* */
  readonly domainFlags?: number;
  /** Slots of the linear reverse map; 0, the default, for a tree. */
  readonly size?: number;
  /** First hwirq that cannot be associated; default: `size`, or no limit without one. */
  readonly hwirqMax?: number;
  /** hwirq is virq, up to here. Not together with `size`, and equal to `hwirqMax`. */
  readonly directMax?: number;
  readonly hwirqBase?: number;
  /** When above 0, hwirqs from `hwirqBase` are mapped from this virq at once. */
  readonly virqBase?: number;
  readonly busToken?: number;
  /** Tells several domains of one firmware node apart. */
  readonly nameSuffix?: string;
  readonly hostData?: unknown;
  readonly parent?: IrqDomain | null;
  /** Called before the domain can be found; may throw. */
  readonly init?: (domain: IrqDomain) => void;
  readonly exit?: (domain: IrqDomain) => void;
}

/**
 * Creates a domain and makes it findable; on failure nothing is left behind. Task context.
 * @throws IrqError `EINVAL` for sizes that contradict each other or a suffix where none is allowed, `ENOMEM`, or whatever
 * `init` throws.
 * @kernel irq_domain_instantiate
 */
export function irqDomainInstantiate(domains: IrqDomains, info: IrqDomainInfo): IrqDomain {
  return instantiate(domains, info, false, false);
}

/** The general form, which the older creators need. @kernel __irq_domain_instantiate */
export function instantiate(domains: IrqDomains, info: IrqDomainInfo, allocVirqs: boolean, forceAssociate: boolean): IrqDomain {
  domains.smp.mightSleep('irqDomainInstantiate');
  const domain = makeDomain(domains, info);
  info.init?.(domain);
  domains.publish(domain);
  const { virqBase = 0, hwirqBase = 0, size = 0 } = info;
  if (allocVirqs && virqBase > 0) allocFixedDescs(domain, virqBase, size);
  if (forceAssociate || virqBase > 0) irqDomainAssociateMany(domain, virqBase, hwirqBase, size - hwirqBase);
  return domain;
}

function makeDomain(domains: IrqDomains, info: IrqDomainInfo): IrqDomain {
  const { fwnode, ops, size = 0, directMax = 0, busToken = DOMAIN_BUS.ANY } = info;
  const hwirqMax = info.hwirqMax ?? (size || HWIRQ_NO_LIMIT);
  const contradicts = (size > 0 && directMax > 0) || (directMax > 0 && directMax !== hwirqMax);
  if (domains.smp.diagnostics.warnOn(contradicts, `irq_domain_instantiate: size ${size}, direct_max ${directMax} and hwirq_max ${hwirqMax} contradict each other`)) {
    throw new IrqError('EINVAL', `A domain is either mapped (size ${size}) or direct (up to ${directMax}, which must equal hwirqMax, ${hwirqMax}); give one of them.`);
  }
  domains.smp.faults.check('irq_domain');
  const { name, flags } = makeDomainName(domains, fwnode, busToken, info.nameSuffix);
  return new IrqDomain(domains, {
    fwnode, name, busToken, ops, hwirqMax,
    flags: flags | (info.domainFlags ?? 0) | (directMax > 0 ? IRQ_DOMAIN_FLAG.NO_MAP : 0),
    hostData: info.hostData ?? null,
    parent: info.parent ?? null,
    revmapSize: size,
    exit: info.exit ?? null,
  });
}

function allocFixedDescs(domain: IrqDomain, virqBase: number, size: number): void {
  const { genirq, smp } = domain.domains;
  try {
    allocDescs(genirq, virqBase, virqBase, size, domain.fwnode?.nid ?? -1, null);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    smp.log.info(`irq: Cannot allocate irq_descs @ IRQ${virqBase}, assuming pre-allocated`);
  }
}

/**
 * Takes a domain away. Mappings are not disposed: do that first; only those beyond the linear map are checked. Task context.
 * @kernel irq_domain_remove
 */
export function irqDomainRemove(domain: IrqDomain): void {
  const { domains } = domain;
  domains.smp.mightSleep(`irqDomainRemove of ${domain.name}`);
  domain.exit?.(domain);
  domains.smp.diagnostics.warnOn(domain.tree.size > 0, `irq_domain_remove: ${domain.name} still maps ${domain.tree.size} interrupts; dispose of them first.`);
  domains.unpublish(domain);
  if ((domain.flags & IRQ_DOMAIN_FLAG.DESTROY_GC) !== 0) domain.gc?.remove(domain);
  domains.smp.log.debug(`irq: Removed domain ${domain.name}`);
}
