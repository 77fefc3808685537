import type { IrqAffinityDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { getHwsize, invalidCtrl, type MsiCtrl } from '../alloc/ctrl.ts';
import { MSI_ANY_INDEX, MSI_MAX_DEVICE_IRQDOMAINS } from '../flags.ts';
import { msiAllocDesc, type MsiDesc, type MsiDescFilter, type PciMsiDesc } from './desc.ts';
import { msiDataOf, type MsiDevice, type MsiDeviceData } from './device.ts';

/** A descriptor to be. */
export interface MsiDescInit {
  readonly msiIndex: number;
  /** Default 1. */
  readonly nvecUsed?: number;
  readonly affinity?: readonly IrqAffinityDesc[] | null;
  readonly pci?: PciMsiDesc;
}

/**
 * Enters a descriptor under `index`, or under the lowest free one for MSI_ANY_INDEX. Descriptors locked.
 * @throws IrqError `ERANGE` beyond the domain, `EBUSY` for an index that is taken, or when all are, `ENOMEM`.
 * @kernel msi_insert_desc
 */
export function msiInsertDesc(dev: MsiDevice, data: MsiDeviceData, desc: MsiDesc, domid: number, index: number): void {
  const { store } = data.domains[domid]!;
  const hwsize = getHwsize(data, domid);
  let at = index;
  if (index === MSI_ANY_INDEX) {
    at = store.findIndex((entry) => entry === undefined);
    if (at < 0) at = store.length;
    if (at >= hwsize) throw new IrqError('EBUSY', `${dev.name}: all ${hwsize} indexes of MSI domain ${domid} are taken.`);
  } else if (index >= hwsize) {
    throw new IrqError('ERANGE', `${dev.name}: MSI domain ${domid} has indexes 0 to ${hwsize - 1}, not ${index}.`);
  } else if (store[index] !== undefined) {
    throw new IrqError('EBUSY', `${dev.name}: index ${index} of MSI domain ${domid} is taken.`);
  }
  data.smp.faults.check('msi_store');
  while (store.length <= at) store.push(undefined);
  store[at] = desc;
  desc.msiIndex = at;
}

/**
 * Makes a descriptor and enters it. For domains whose descriptors the bus's own code makes. Descriptors locked.
 * @throws IrqError as `msiInsertDesc`, and `EINVAL` for a domain id that does not exist.
 * @kernel msi_domain_insert_msi_desc
 */
export function msiDomainInsertMsiDesc(dev: MsiDevice, domid: number, init: MsiDescInit): MsiDesc {
  const data = msiDataOf(dev);
  data.assertHeld('msi_domain_insert_msi_desc');
  if (domid >= MSI_MAX_DEVICE_IRQDOMAINS) throw new IrqError('EINVAL', `${dev.name} has MSI domain ids 0 to ${MSI_MAX_DEVICE_IRQDOMAINS - 1}, not ${domid}.`);
  const desc = msiAllocDesc(data.smp, init.nvecUsed ?? 1, init.affinity ?? null);
  if (init.pci) desc.pci = { ...init.pci };
  msiInsertDesc(dev, data, desc, domid, init.msiIndex);
  return desc;
}

/**
 * One descriptor for each index of a valid range; on failure none is added. (The kernel drops the ones that were there as well.)
 * @throws IrqError `EBUSY`, `ENOMEM`
 * @kernel msi_domain_add_simple_msi_descs
 */
export function addSimpleMsiDescs(dev: MsiDevice, data: MsiDeviceData, { domid, first, last }: MsiCtrl): void {
  let index = first;
  try {
    for (; index <= last; index++) msiInsertDesc(dev, data, msiAllocDesc(data.smp, 1, null), domid, index);
  } catch (error) {
    while (index-- > first) data.domains[domid]!.store[index] = undefined;
    throw error;
  }
}

/** Drops descriptors; one that still has its interrupt is reported. @kernel msi_domain_free_descs */
export function freeDescs(dev: MsiDevice, data: MsiDeviceData, ctrl: MsiCtrl): void {
  data.assertHeld('msi_domain_free_descs');
  if (invalidCtrl(dev, data, ctrl)) return;
  const { store } = data.domains[ctrl.domid]!;
  for (const desc of descsIn(store, ctrl, 'all')) {
    store[desc.msiIndex] = undefined;
    data.smp.diagnostics.warnOnce(desc.irq !== 0, `msi_domain_free_descs: ${dev.name}: the descriptor of index ${desc.msiIndex} still has irq ${desc.irq}`);
  }
}

/** Drops the descriptors of a range, whose interrupts are freed. Descriptors locked. @kernel msi_domain_free_msi_descs_range */
export function msiDomainFreeMsiDescsRange(dev: MsiDevice, domid: number, first: number, last: number): void {
  freeDescs(dev, msiDataOf(dev), { domid, first, last, nirqs: 0 });
}

/** {@link msiDomainFreeMsiDescsRange} for all of a domain. @kernel msi_free_msi_descs */
export function msiDomainFreeMsiDescsAll(dev: MsiDevice, domid: number): void {
  msiDomainFreeMsiDescsRange(dev, domid, 0, getHwsize(msiDataOf(dev), domid) - 1);
}

/** The descriptors of a range by index, as they are now. */
export function descsIn(store: readonly (MsiDesc | undefined)[], { first, last }: MsiCtrl, filter: MsiDescFilter): MsiDesc[] {
  return store.slice(first, last + 1).filter((desc): desc is MsiDesc => desc !== undefined && desc.matches(filter));
}

/** All descriptors of a domain by index. Descriptors locked. @kernel msi_domain_for_each_desc */
export function msiDomainDescs(dev: MsiDevice, domid: number, filter: MsiDescFilter): MsiDesc[] {
  const data = msiDataOf(dev);
  data.assertHeld('msi_domain_first_desc');
  return (data.domains[domid]?.store ?? []).filter((desc): desc is MsiDesc => desc !== undefined && desc.matches(filter));
}

/** The Linux interrupt of `index`, 0 for none. Task context. @kernel msi_domain_get_virq */
export function msiDomainGetVirq(dev: MsiDevice, domid: number, index: number): number {
  return dev.msi.data?.locked('msi_domain_get_virq', () => {
    const store = dev.msi.data!.domains[domid]?.store ?? [];
    // Plain PCI MSI has one descriptor for a block.
    const block = store[0]?.pci?.isMsix === false ? store[0] : undefined;
    if (block) return block.irq !== 0 && index < block.nvecUsed ? block.irq + index : 0;
    return store[index]?.irq ?? 0;
  }) ?? 0;
}
