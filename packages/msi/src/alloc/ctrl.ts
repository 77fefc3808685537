import type { IrqDomain } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import type { MsiDevice, MsiDeviceData } from '../device/device.ts';
import { msiGetDomainInfo } from '../domain/types.ts';
import { MSI_MAX_DEVICE_IRQDOMAINS, MSI_MAX_INDEX } from '../flags.ts';

/** Indexes `first` to `last` of one domain of a device. @kernel msi_ctrl */
export interface MsiCtrl {
  readonly domid: number;
  readonly first: number;
  readonly last: number;
  /** Linux interrupts to allocate. */
  readonly nirqs: number;
}

/** The device's domain under this id, or null; descriptors locked. @kernel msi_get_device_domain */
export function getDeviceDomain(data: MsiDeviceData, domid: number): IrqDomain | null {
  data.assertHeld('msi_get_device_domain');
  const { diagnostics } = data.smp;
  if (diagnostics.warnOnce(domid >= MSI_MAX_DEVICE_IRQDOMAINS, `MSI domain id ${domid}; a device has ids 0 to ${MSI_MAX_DEVICE_IRQDOMAINS - 1}`)) return null;
  return data.domains[domid]!.domain;
}

/** @kernel msi_domain_get_hwsize */
export function getHwsize(data: MsiDeviceData, domid: number): number {
  const domain = getDeviceDomain(data, domid);
  return domain === null ? MSI_MAX_INDEX + 1 : msiGetDomainInfo(domain).hwsize;
}

/** What is wrong with a range, reported as well; null when nothing is. @kernel msi_ctrl_valid */
export function invalidCtrl(dev: MsiDevice, data: MsiDeviceData, { domid, first, last }: MsiCtrl): IrqError | null {
  const { diagnostics } = data.smp;
  const without = domid >= MSI_MAX_DEVICE_IRQDOMAINS || (dev.msi.domain !== null && data.domains[domid]!.domain === null);
  let problem = without ? `has no MSI domain ${domid}; create it with msiCreateDeviceIrqDomain()` : null;
  if (problem === null) {
    const hwsize = getHwsize(data, domid);
    if (first > last || first >= hwsize || last >= hwsize) problem = `has MSI indexes 0 to ${hwsize - 1}, not ${first} to ${last}`;
  }
  if (problem === null) return null;
  diagnostics.warnOnce(true, `msi: ${dev.name} ${problem}`);
  return new IrqError('EINVAL', `${dev.name} ${problem}.`);
}
