import {
  IRQD, irqdAffinityIsManaged, irqdClear, irqdSetManagedShutdown, irqDomainActivateIrq, type IrqData,
} from '@irqchip/genirq-core';
import { DOMAIN_BUS, irqDomainAllocIrqsAt, irqDomainGetIrqData, type IrqDomain } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { irqSetMsiDescOff, type MsiDesc } from '../device/desc.ts';
import { msiDataOf, type MsiDevice, type MsiDeviceData } from '../device/device.ts';
import { addSimpleMsiDescs, descsIn } from '../device/store.ts';
import { emptyAllocInfo, opsOf } from '../domain/default-ops.ts';
import { msiGetDomainInfo, type MsiAllocInfo, type MsiDomainInfo } from '../domain/types.ts';
import { MSI_FLAG } from '../flags.ts';
import { getDeviceDomain, getHwsize, invalidCtrl, type MsiCtrl } from './ctrl.ts';
import { freeLocked } from './free.ts';

/** The argument of the allocations to come. @kernel populate_alloc_info */
function allocInfo(domain: IrqDomain, info: MsiDomainInfo, nirqs: number): MsiAllocInfo {
  if (domain.domains.genirq.linux !== '6.12') return { ...info.allocData };
  const arg = emptyAllocInfo();
  opsOf(info).msiPrepare(domain, info.dev, nirqs, arg);
  return arg;
}

/**
 * An interrupt, or a block, for each descriptor of the range that has none. What was made before a failure stays.
 * @returns 0; for PCI, when there are not enough, how many there could be.
 * @kernel __msi_domain_alloc_irqs
 */
export function allocIrqs(data: MsiDeviceData, domain: IrqDomain, ctrl: MsiCtrl): number {
  const info = msiGetDomainInfo(domain);
  const ops = opsOf(info);
  const arg = allocInfo(domain, info, ctrl.nirqs);
  let allocated = 0;
  for (const desc of descsIn(data.domains[ctrl.domid]!.store, ctrl, 'notassociated')) {
    if (data.smp.diagnostics.warnOnce(allocated >= ctrl.nirqs, `msi: ${info.dev.name} has more descriptors than the ${ctrl.nirqs} interrupts that are to be allocated`)) {
      throw new IrqError('EINVAL', `${info.dev.name} has more descriptors without interrupt than the ${ctrl.nirqs} that are to be allocated.`);
    }
    ops.prepareDesc?.(domain, arg, desc);
    ops.setDesc(arg, desc);
    const virq = allocBlock(domain, info, desc, arg);
    if (typeof virq !== 'number') return pciMayRetry(domain, desc, allocated, virq);
    initBlock(data, domain, info, desc, virq);
    allocated++;
  }
  return 0;
}

function allocBlock(domain: IrqDomain, { dev }: MsiDomainInfo, desc: MsiDesc, arg: MsiAllocInfo): number | IrqError {
  try {
    return irqDomainAllocIrqsAt(domain, -1, desc.nvecUsed, dev.numaNode, arg, false, desc.affinity);
  } catch (error) {
    if (error instanceof IrqError) return error;
    throw error;
  }
}

/** How many interrupts a PCI driver may ask for instead. @throws IrqError `ENOSPC` when there is no point. @kernel msi_handle_pci_fail */
function pciMayRetry({ busToken, name }: IrqDomain, desc: MsiDesc, allocated: number, cause: IrqError): number {
  if (busToken === DOMAIN_BUS.PCI_DEVICE_MSI || busToken === DOMAIN_BUS.PCI_DEVICE_MSIX) {
    if (desc.nvecUsed > 1) return 1;
    if (allocated > 0) return allocated;
  }
  throw new IrqError('ENOSPC', `${name}: no interrupt for index ${desc.msiIndex}: ${cause.message}`, { cause });
}

function initBlock(data: MsiDeviceData, domain: IrqDomain, info: MsiDomainInfo, desc: MsiDesc, virq: number): void {
  const { genirq } = domain.domains;
  const reserve = mayReserve(info, desc);
  for (let i = 0; i < desc.nvecUsed; i++) {
    irqSetMsiDescOff(genirq, virq, i, desc);
    genirq.irqToDesc(virq + i)!.deviceName = info.dev.name;
    initVirq(data, info, irqDomainGetIrqData(domain, virq + i)!, reserve);
  }
  if (!(info.flags & MSI_FLAG.DEV_SYSFS)) return;
  data.smp.faults.check('msi_sysfs');
  desc.sysfs = true;
}

/** Whether a parent that reserves vectors may wait with the real one until the request: only where the vector can be masked. @kernel msi_check_reservation_mode */
function mayReserve({ flags }: MsiDomainInfo, { pci }: MsiDesc): boolean {
  if (!(flags & MSI_FLAG.MUST_REACTIVATE) || flags & MSI_FLAG.NO_MASK) return false;
  return pci !== null && (pci.isMsix || pci.canMask);
}

/** A managed interrupt without an online CPU waits, shut down, for one. @kernel msi_init_virq */
function initVirq({ smp }: MsiDeviceData, { flags }: MsiDomainInfo, level: IrqData, reserve: boolean): void {
  if (!reserve) irqdClear(level, IRQD.CAN_RESERVE);
  if (!(flags & MSI_FLAG.ACTIVATE_EARLY)) return;
  if (!reserve && irqdAffinityIsManaged(level) && !level.common.affinity.intersects(smp.cpus.online)) {
    irqdSetManagedShutdown(level);
    return;
  }
  irqDomainActivateIrq(level, reserve);
  // The request assigns the vector for good.
  if (reserve) irqdClear(level, IRQD.ACTIVATED);
}

/** Allocates, or leaves nothing of the range. @kernel msi_domain_alloc_locked */
function allocLocked(dev: MsiDevice, data: MsiDeviceData, ctrl: MsiCtrl): number {
  const invalid = invalidCtrl(dev, data, ctrl);
  if (invalid) throw invalid;
  const domain = getDeviceDomain(data, ctrl.domid);
  if (domain === null) throw new IrqError('ENODEV', `${dev.name} has no MSI domain ${ctrl.domid}; create it with msiCreateDeviceIrqDomain().`);
  if (msiGetDomainInfo(domain).flags & MSI_FLAG.ALLOC_SIMPLE_MSI_DESCS) addSimpleMsiDescs(dev, data, ctrl);
  let ret = -1;
  try {
    ret = allocIrqs(data, domain, ctrl);
  } finally {
    if (ret !== 0) freeLocked(dev, data, ctrl);
  }
  return ret;
}

/** {@link msiDomainAllocIrqsRange}, descriptors locked. @kernel msi_domain_alloc_irqs_range_locked */
export function msiDomainAllocIrqsRangeLocked(dev: MsiDevice, domid: number, first: number, last: number): number {
  const data = msiDataOf(dev);
  data.assertHeld('msi_domain_alloc_irqs_range_locked');
  return allocLocked(dev, data, { domid, first, last, nirqs: last + 1 - first });
}

/**
 * One interrupt for each index from `first` to `last`; those without a descriptor get one if the domain has
 * ALLOC_SIMPLE_MSI_DESCS. On failure the whole range is freed. Task context.
 * @returns 0; in a PCI domain also how many there could have been.
 * @throws IrqError `EINVAL` for a range or a domain that the device does not have, `ENODEV` without any domain, `EBUSY` for a
 * descriptor that exists, `ENOSPC` when no interrupt could be allocated (for whatever reason), `ENOMEM`.
 * @kernel msi_domain_alloc_irqs_range
 */
export function msiDomainAllocIrqsRange(dev: MsiDevice, domid: number, first: number, last: number): number {
  return msiDataOf(dev).locked('msi_domain_alloc_irqs_range', () => msiDomainAllocIrqsRangeLocked(dev, domid, first, last));
}

/**
 * Interrupts for all descriptors of the domain that have none, `nirqs` descriptors at most. Descriptors locked.
 * @returns and throws as {@link msiDomainAllocIrqsRange}; `EINVAL` also when there are more descriptors.
 * @kernel msi_domain_alloc_irqs_all_locked
 */
export function msiDomainAllocIrqsAllLocked(dev: MsiDevice, domid: number, nirqs: number): number {
  const data = msiDataOf(dev);
  data.assertHeld('msi_domain_alloc_irqs_all_locked');
  return allocLocked(dev, data, { domid, first: 0, last: getHwsize(data, domid) - 1, nirqs });
}
