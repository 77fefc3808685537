import {
  IRQ_DOMAIN_FLAG, irqDomainInstantiate, irqDomainUpdateBusToken, type IrqDomain, type IrqDomainInfo, type IrqDomains,
} from '@irqchip/irqdomain';
import type { MsiDevice } from '../device/device.ts';
import { msiParentOpsOf, type MsiDomainInfo, type MsiParentOps } from './types.ts';

/**
 * Creates a domain on which the MSI domains of devices can be stacked. Its bus token is the ops' `busSelectToken`. Task context.
 * @throws IrqError what {@link irqDomainInstantiate} throws; the kernel returns NULL.
 * @kernel msi_create_parent_irq_domain
 */
export function msiCreateParentIrqDomain(domains: IrqDomains, info: IrqDomainInfo, parentOps: MsiParentOps): IrqDomain {
  const size = Math.max(info.hwirqMax ?? 0, info.size ?? 0);
  const full: IrqDomainInfo = { ...info, ...(size > 0 && { size, hwirqMax: size }), domainFlags: (info.domainFlags ?? 0) | IRQ_DOMAIN_FLAG.MSI_PARENT };
  const { busSelectToken: busToken } = parentOps;
  let domain: IrqDomain;
  if (domains.genirq.linux === '6.12') {
    // Drivers of that time made a plain domain first: it is announced without its token.
    domain = irqDomainInstantiate(domains, full);
    irqDomainUpdateBusToken(domain, busToken);
  } else {
    domain = irqDomainInstantiate(domains, { ...full, busToken });
  }
  domain.msiParentOps = parentOps;
  return domain;
}

/**
 * For a domain between the MSI parent and devices: lets its own parent check a device's domain.
 * @returns false, with a warning, without such a parent; else what it says.
 * @kernel msi_parent_init_dev_msi_info
 */
export function msiParentInitDevMsiInfo(dev: MsiDevice, domain: IrqDomain, msiParentDomain: IrqDomain, info: MsiDomainInfo): boolean {
  const { parent } = domain;
  const ops = parent === null ? null : msiParentOpsOf(parent);
  if (ops === null) {
    domain.domains.smp.diagnostics.warnOnce(true, `msi_parent_init_dev_msi_info: nothing below ${domain.name} is an MSI parent`);
    return false;
  }
  return ops.initDevMsiInfo(dev, parent!, msiParentDomain, info);
}
