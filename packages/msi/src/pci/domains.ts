import { DOMAIN_BUS } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { msiCreateDeviceIrqDomain, msiMatchDeviceIrqDomain, msiRemoveDeviceIrqDomain } from '../domain/device-domain.ts';
import { msiParentOpsOf, type MsiDomainTemplate } from '../domain/types.ts';
import { MSI_DEFAULT_DOMAIN } from '../flags.ts';
import type { PciDevice } from './device.ts';
import { pciMsixTemplate, pciMsiTemplate } from './templates.ts';

/** Whether the device's MSI parent can do all of `flags` (MSI_FLAG.*). @kernel pci_msi_domain_supports */
export function pciMsiDomainSupports({ msi }: PciDevice, flags: number): boolean {
  const ops = msi.domain === null ? null : msiParentOpsOf(msi.domain);
  return ops !== null && (ops.supportedFlags & flags) === flags;
}

/**
 * Makes the device's MSI-X domain, in place of a plain MSI one; keeps one that is there. Task context.
 * @param hwsize - entries of its table.
 * @throws IrqError `EINVAL` while MSI is enabled, and as {@link msiCreateDeviceIrqDomain}.
 * @kernel pci_setup_msix_device_domain
 */
export function pciSetupMsixDeviceDomain(dev: PciDevice, hwsize: number): void {
  setup(dev, dev.msiEnabled, pciMsixTemplate, DOMAIN_BUS.PCI_DEVICE_MSI, hwsize);
}

/**
 * Makes the device's plain MSI domain, in place of an MSI-X one; keeps one that is there. Task context.
 * @param hwsize - messages that the device can send.
 * @throws IrqError `EINVAL` while MSI-X is enabled, and as {@link msiCreateDeviceIrqDomain}.
 * @kernel pci_setup_msi_device_domain
 */
export function pciSetupMsiDeviceDomain(dev: PciDevice, hwsize: number): void {
  setup(dev, dev.msixEnabled, pciMsiTemplate, DOMAIN_BUS.PCI_DEVICE_MSIX, hwsize);
}

function setup(dev: PciDevice, otherEnabled: boolean, template: MsiDomainTemplate, otherToken: number, hwsize: number): void {
  if (otherEnabled) {
    dev.msi.data?.smp.diagnostics.warnOnce(true, `${dev.name}: MSI and MSI-X cannot be enabled together`);
    throw new IrqError('EINVAL', `${dev.name} has the other kind of messages enabled; call pciFreeIrqVectors() first.`);
  }
  if (msiMatchDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, template.info.busToken)) return;
  if (msiMatchDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, otherToken)) msiRemoveDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN);
  msiCreateDeviceIrqDomain(dev, MSI_DEFAULT_DOMAIN, template, { hwsize });
}
