import {
  IRQ_DOMAIN_FLAG, irqDomainCreateHierarchy, irqDomainRemove, irqDomainUpdateBusToken, type FwNode, type IrqDomain,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { getDeviceDomain } from '../alloc/ctrl.ts';
import { allocWired, freeWired } from '../alloc/wired.ts';
import { msiSetupDeviceData } from '../device/data.ts';
import type { MsiDevice, MsiDeviceData } from '../device/device.ts';
import { MSI_FLAG, MSI_MAX_DEVICE_IRQDOMAINS, MSI_MAX_INDEX } from '../flags.ts';
import { emptyAllocInfo, opsOf, updateChipOps, updateDomOps } from './default-ops.ts';
import { msiDomainOps } from './domain-ops.ts';
import { msiGetDomainInfo, msiParentOpsOf, type MsiDomainInfo, type MsiDomainTemplate, type MsiParentOps } from './types.ts';

/** What goes into a domain besides its template. */
export interface MsiDeviceDomainInit {
  /** Indexes of the domain; 0 or left out: as many as there can be. */
  readonly hwsize?: number;
  /** For the driver, in `info.data`. */
  readonly domainData?: unknown;
  /** For the chip, in every interrupt's `chipData`. */
  readonly chipData?: unknown;
}

/**
 * Makes an MSI domain for one device, on top of the parent in `dev.msi.domain`. Chip and domain are called
 * `<prefix><chip>-<device>`; a domain with the device's own firmware node is called after that. Task context.
 *
 * The kernel says only false where this throws; nothing is left behind but the device's (empty) MSI data.
 * @param domid - MSI_DEFAULT_DOMAIN or MSI_SECONDARY_DOMAIN.
 * @throws IrqError `EINVAL` without an MSI parent, for a domain id or size that does not exist, for one that the device has, for
 * a template that the parent refuses or that lacks something, without a firmware node where it is needed; `ENOMEM`; or what
 * `msiPrepare` throws.
 * @kernel msi_create_device_irq_domain
 */
export function msiCreateDeviceIrqDomain(dev: MsiDevice, domid: number, template: MsiDomainTemplate, init: MsiDeviceDomainInit = {}): IrqDomain {
  const parent = dev.msi.domain;
  const parentOps = parent?.isMsiParent ? msiParentOpsOf(parent) : null;
  if (!parent || parentOps === null) throw refuse(dev, `${parent?.name ?? 'none'} is not an MSI parent; set msi.domain to a domain of msiCreateParentIrqDomain()`);
  if (domid >= MSI_MAX_DEVICE_IRQDOMAINS) throw refuse(dev, `domain id ${domid}; a device has ${MSI_MAX_DEVICE_IRQDOMAINS}`);
  parent.domains.smp.faults.check('msi_domain_template');
  const info = makeInfo(dev, parentOps, template, init);
  const allocated = info.flags & MSI_FLAG.USE_DEV_FWNODE ? null : parent.domains.allocNamedFwnode(info.chip.name);
  const fwnode = allocated ?? dev.fwnode;
  if (fwnode === null) throw refuse(dev, 'its domain is to have its firmware node, and it has none');
  try {
    const data = msiSetupDeviceData(dev, parent.domains.smp);
    return data.locked('msi_create_device_irq_domain', () => create(dev, data, domid, parent, parentOps, info, fwnode));
  } catch (error) {
    if (allocated) parent.domains.freeFwnode(allocated);
    throw error;
  }
}

function makeInfo(dev: MsiDevice, { prefix = '' }: MsiParentOps, { chip, ops, info }: MsiDomainTemplate, init: MsiDeviceDomainInit): MsiDomainInfo {
  return {
    flags: info.flags ?? 0,
    busToken: info.busToken,
    hwsize: init.hwsize ?? 0,
    ops: { ...ops },
    chip: { ...chip, name: `${prefix}${chip.name}-${dev.name}` },
    chipData: init.chipData ?? null,
    handler: info.handler ?? null,
    handlerData: info.handlerData ?? null,
    handlerName: info.handlerName ?? null,
    data: init.domainData ?? null,
    allocData: emptyAllocInfo(),
    dev,
  };
}

function create(dev: MsiDevice, data: MsiDeviceData, domid: number, parent: IrqDomain, parentOps: MsiParentOps, info: MsiDomainInfo, fwnode: FwNode): IrqDomain {
  const taken = getDeviceDomain(data, domid);
  if (data.smp.diagnostics.warnOnce(taken !== null, `msi_create_device_irq_domain: ${dev.name} has domain ${domid}`)) {
    throw refuse(dev, `it has the domain ${taken!.name} already; remove that with msiRemoveDeviceIrqDomain()`);
  }
  if (!parentOps.initDevMsiInfo(dev, parent, parent, info)) throw refuse(dev, `${parent.name} does not serve ${info.chip.name}; the diagnostics say why`);
  const domain = createMsiDomain(dev, info, parent, fwnode);
  const slot = data.domains[domid]!;
  slot.domain = domain;
  try {
    if (parent.domains.genirq.linux !== '6.12') opsOf(info).msiPrepare(domain, dev, info.hwsize, info.allocData);
  } catch (error) {
    slot.domain = null;
    irqDomainRemove(domain);
    throw error;
  }
  return domain;
}

/** @kernel __msi_create_irq_domain */
function createMsiDomain(dev: MsiDevice, info: MsiDomainInfo, parent: IrqDomain, fwnode: FwNode): IrqDomain {
  if (info.hwsize > MSI_MAX_INDEX + 1) throw refuse(dev, `a size of ${info.hwsize}; an MSI domain has at most ${MSI_MAX_INDEX + 1} indexes`);
  info.hwsize ||= MSI_MAX_INDEX + 1;
  updateDomOps(info, info.chip.name);
  updateChipOps(info);
  const domain = irqDomainCreateHierarchy(parent, IRQ_DOMAIN_FLAG.MSI | IRQ_DOMAIN_FLAG.MSI_DEVICE, 0, fwnode, msiDomainOps, info);
  irqDomainUpdateBusToken(domain, info.busToken);
  domain.wired = { alloc: (hwirq, type) => allocWired(domain, hwirq, type), free: (virq) => freeWired(domain, virq) };
  return domain;
}

function refuse(dev: MsiDevice, why: string): IrqError {
  return new IrqError('EINVAL', `${dev.name} gets no MSI domain: ${why}.`);
}

/**
 * Removes a device's MSI domain, if it has one under this id. Its interrupts have to be freed before. Task context.
 * @kernel msi_remove_device_irq_domain
 */
export function msiRemoveDeviceIrqDomain(dev: MsiDevice, domid: number): void {
  const { data } = dev.msi;
  data?.locked('msi_remove_device_irq_domain', () => {
    const domain = getDeviceDomain(data, domid);
    if (!domain?.isMsiDevice) return;
    data.domains[domid]!.domain = null;
    const info = msiGetDomainInfo(domain);
    if (domain.domains.genirq.linux !== '6.12') opsOf(info).msiTeardown(domain, info.allocData);
    irqDomainRemove(domain);
    if (domain.fwnode?.isIrqchip) domain.domains.freeFwnode(domain.fwnode);
  });
}

/** Whether the device has a domain of this kind (DOMAIN_BUS.*) under this id. Task context. @kernel msi_match_device_irq_domain */
export function msiMatchDeviceIrqDomain(dev: MsiDevice, domid: number, busToken: number): boolean {
  const { data } = dev.msi;
  return data?.locked('msi_match_device_irq_domain', () => {
    const domain = getDeviceDomain(data, domid);
    return domain !== null && domain.isMsiDevice && msiGetDomainInfo(domain).busToken === busToken;
  }) ?? false;
}

/** The device's MSI domain, or null. */
export function msiDeviceIrqDomain(dev: MsiDevice, domid: number): IrqDomain | null {
  return dev.msi.data?.domains[domid]?.domain ?? null;
}

/** The device is gone: removes its domains, whose interrupts and descriptors should be freed. Task context. @kernel msi_device_data_release */
export function msiDeviceDataRelease(dev: MsiDevice): void {
  const { data } = dev.msi;
  if (data === null) return;
  data.domains.forEach(({ store }, domid) => {
    msiRemoveDeviceIrqDomain(dev, domid);
    const left = store.filter((desc) => desc !== undefined).length;
    data.smp.diagnostics.warnOnce(left > 0, `msi_device_data_release: ${dev.name} still has ${left} MSI descriptors in domain ${domid}`);
    store.length = 0;
  });
  dev.msi.data = null;
}
