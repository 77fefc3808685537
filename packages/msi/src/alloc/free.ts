import { irqdIsActivated, irqDomainDeactivateIrq } from '@irqchip/genirq-core';
import { irqDomainFreeIrqs, irqDomainGetIrqData, type IrqDomain } from '@irqchip/irqdomain';
import { msiDataOf, type MsiDevice, type MsiDeviceData } from '../device/device.ts';
import { descsIn, freeDescs } from '../device/store.ts';
import { msiGetDomainInfo } from '../domain/types.ts';
import { MSI_FLAG } from '../flags.ts';
import { getDeviceDomain, getHwsize, invalidCtrl, type MsiCtrl } from './ctrl.ts';

/** Deactivates first, so that the device sends nothing for an interrupt that is gone. @kernel __msi_domain_free_irqs */
function freeIrqs(data: MsiDeviceData, domain: IrqDomain, ctrl: MsiCtrl): void {
  for (const desc of descsIn(data.domains[ctrl.domid]!.store, ctrl, 'associated')) {
    for (let i = 0; i < desc.nvecUsed; i++) {
      const level = irqDomainGetIrqData(domain, desc.irq + i);
      if (level && irqdIsActivated(level)) irqDomainDeactivateIrq(level);
    }
    irqDomainFreeIrqs(domain.domains, desc.irq, desc.nvecUsed);
    desc.sysfs = false;
    desc.irq = 0;
  }
}

/** @kernel msi_domain_free_locked */
export function freeLocked(dev: MsiDevice, data: MsiDeviceData, ctrl: MsiCtrl): void {
  if (invalidCtrl(dev, data, ctrl)) return;
  const domain = getDeviceDomain(data, ctrl.domid);
  if (domain === null) return;
  freeIrqs(data, domain, ctrl);
  if (msiGetDomainInfo(domain).flags & MSI_FLAG.FREE_MSI_DESCS) freeDescs(dev, data, ctrl);
}

/** {@link msiDomainFreeIrqsRange}, descriptors locked. @kernel msi_domain_free_irqs_range_locked */
export function msiDomainFreeIrqsRangeLocked(dev: MsiDevice, domid: number, first: number, last: number): void {
  const data = msiDataOf(dev);
  data.assertHeld('msi_domain_free_irqs_range_locked');
  freeLocked(dev, data, { domid, first, last, nirqs: 0 });
}

/**
 * Frees the interrupts of indexes `first` to `last`, handlers gone, and with FREE_MSI_DESCS their descriptors; indexes without are
 * skipped. Task context.
 * @throws IrqError `ENODEV` for a device that never had an MSI domain.
 * @kernel msi_domain_free_irqs_range
 */
export function msiDomainFreeIrqsRange(dev: MsiDevice, domid: number, first: number, last: number): void {
  msiDataOf(dev).locked('msi_domain_free_irqs_range', () => msiDomainFreeIrqsRangeLocked(dev, domid, first, last));
}

/** {@link msiDomainFreeIrqsAll}, descriptors locked. @kernel msi_domain_free_irqs_all_locked */
export function msiDomainFreeIrqsAllLocked(dev: MsiDevice, domid: number): void {
  msiDomainFreeIrqsRangeLocked(dev, domid, 0, getHwsize(msiDataOf(dev), domid) - 1);
}

/** Frees all interrupts of one of the device's domains. Task context. @throws IrqError `ENODEV` likewise. @kernel msi_domain_free_irqs_all */
export function msiDomainFreeIrqsAll(dev: MsiDevice, domid: number): void {
  msiDataOf(dev).locked('msi_domain_free_irqs_all', () => msiDomainFreeIrqsAllLocked(dev, domid));
}
