import type { IrqAffinityDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { msiAllocDesc, type MsiInstanceCookie } from '../device/desc.ts';
import { msiDataOf, type MsiDevice, type MsiDeviceData } from '../device/device.ts';
import { freeDescs, msiInsertDesc } from '../device/store.ts';
import { allocIrqs } from './alloc.ts';
import { getDeviceDomain } from './ctrl.ts';
import { freeLocked } from './free.ts';

/** Where an interrupt was allocated. @kernel msi_map */
export interface MsiMap {
  readonly index: number;
  readonly virq: number;
}

/** @kernel __msi_domain_alloc_irq_at */
export function allocIrqAt(
  dev: MsiDevice, data: MsiDeviceData, domid: number, index: number, affinity: IrqAffinityDesc | null, cookie: MsiInstanceCookie | null,
): MsiMap {
  const domain = getDeviceDomain(data, domid);
  if (domain === null) throw new IrqError('ENODEV', `${dev.name} has no MSI domain ${domid}; create it with msiCreateDeviceIrqDomain().`);
  const desc = msiAllocDesc(data.smp, 1, affinity && [affinity]);
  desc.cookie = cookie;
  msiInsertDesc(dev, data, desc, domid, index);
  const ctrl = { domid, first: desc.msiIndex, last: desc.msiIndex, nirqs: 1 };
  try {
    allocIrqs(data, domain, ctrl);
  } catch (error) {
    freeLocked(dev, data, ctrl);
    // The kernel leaves the descriptor of a domain without FREE_MSI_DESCS behind.
    freeDescs(dev, data, ctrl);
    throw error;
  }
  return { index: desc.msiIndex, virq: desc.irq };
}

/**
 * One interrupt at `index`, or at the lowest free one for MSI_ANY_INDEX, with a descriptor of its own. Task context.
 * @param cookie - for the domain's `setDesc`; not for PCI.
 * @throws IrqError `ENODEV` without this domain, `ERANGE` beyond its size, `EBUSY` for an index that is taken or when all are,
 * `ENOSPC` when no interrupt could be allocated (for whatever reason), `ENOMEM`. Nothing is left behind.
 * @kernel msi_domain_alloc_irq_at
 */
export function msiDomainAllocIrqAt(
  dev: MsiDevice, domid: number, index: number, affinity: IrqAffinityDesc | null = null, cookie: MsiInstanceCookie | null = null,
): MsiMap {
  const data = msiDataOf(dev);
  return data.locked('msi_domain_alloc_irq_at', () => allocIrqAt(dev, data, domid, index, affinity, cookie));
}
