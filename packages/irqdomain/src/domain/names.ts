import { IrqError } from '@irqchip/smp';
import { DOMAIN_BUS, IRQ_DOMAIN_FLAG } from './flags.ts';
import type { FwNode } from './fwnode.ts';
import type { IrqDomain } from './irq-domain.ts';
import type { IrqDomains } from './irq-domains.ts';

/** A domain's name, and NAME_ALLOCATED when it is the domain's own string. */
export interface DomainName {
  readonly name: string;
  readonly flags: number;
}

/**
 * The name of a domain under `fwnode`; debugfs cannot have slashes.
 * @throws IrqError `EINVAL` for a suffix to an irqchip's own fwnode, `ENOMEM`.
 * @kernel irq_domain_set_name
 */
export function makeDomainName(domains: IrqDomains, fwnode: FwNode | null, busToken: number, suffix: string | undefined): DomainName {
  if (fwnode?.isIrqchip && suffix !== undefined) {
    throw new IrqError('EINVAL', `Domain of ${fwnode.name}: a name suffix tells domains of one firmware node apart; this node was allocated for one domain, so put the suffix into its name.`);
  }
  if (fwnode?.kind === 'irqchip' && busToken === DOMAIN_BUS.ANY) return { name: fwnode.name, flags: 0 };
  domains.smp.faults.check('irq_domain_name');
  const token = busToken === DOMAIN_BUS.ANY ? '' : `-${busTokenNumber(domains, busToken)}`;
  return { name: baseName(domains, fwnode, suffix) + token, flags: IRQ_DOMAIN_FLAG.NAME_ALLOCATED };
}

/** Kernels after 6.12 have no FSL_MC_MSI, so that the tokens after it moved up by one. */
function busTokenNumber({ genirq }: IrqDomains, busToken: number): number {
  return genirq.linux !== '6.12' && busToken > DOMAIN_BUS.FSL_MC_MSI ? busToken - 1 : busToken;
}

function baseName(domains: IrqDomains, fwnode: FwNode | null, suffix: string | undefined): string {
  if (fwnode?.isIrqchip) return fwnode.name;
  if (fwnode?.kind === 'of' || fwnode?.kind === 'software') return fwnode.path.replaceAll('/', ':') + (suffix === undefined ? '' : `-${suffix}`);
  if (fwnode) domains.smp.log.err('irq: Invalid fwnode type for irqdomain');
  return `unknown-${domains.nextUnknown()}`;
}

/**
 * Gives a domain its bus token after the fact, and the token's number as a suffix to its name. Task context.
 * When memory for the name runs out the name stays, as in the kernel.
 * @kernel irq_domain_update_bus_token
 */
export function irqDomainUpdateBusToken(domain: IrqDomain, busToken: number): void {
  if (domain.busToken === busToken) return;
  domain.busToken = busToken;
  try {
    domain.domains.smp.faults.check('irq_domain_name');
  } catch {
    return;
  }
  domain.name = `${domain.name}-${busTokenNumber(domain.domains, busToken)}`;
  domain.flags |= IRQ_DOMAIN_FLAG.NAME_ALLOCATED;
}
