import { irqCalcAffinityVectors, irqCreateAffinityMasks, type IrqAffinity } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { msiDomainAllocIrqsAllLocked } from '../alloc/alloc.ts';
import { msiDomainFreeIrqsAllLocked } from '../alloc/free.ts';
import { msiLockDescs } from '../device/device.ts';
import { msiDomainFreeMsiDescsAll, msiDomainGetVirq, msiDomainInsertMsiDesc } from '../device/store.ts';
import { MSI_DEFAULT_DOMAIN, MSI_FLAG, MSI_MAX_INDEX } from '../flags.ts';
import type { PciDevice } from './device.ts';
import { pciMsiDomainSupports, pciSetupMsiDeviceDomain, pciSetupMsixDeviceDomain } from './domains.ts';
import { msiMaskAll, msixMaskAll } from './vectors.ts';

/** Kinds of interrupts that a driver will take. @kernel PCI_IRQ_* */
export const PCI_IRQ = { MSI: 0x2, MSIX: 0x4 } as const;

interface Wish { readonly min: number; readonly max: number; readonly affinity: IrqAffinity | null }

/** Enables with `nvec` vectors; a number other than 0 says how many there could be, nothing being enabled. */
type Enable = (dev: PciDevice, nvec: number, affinity: IrqAffinity | null) => number;

function masksFor({ msi }: PciDevice, nvec: number, affinity: IrqAffinity | null): ReturnType<typeof irqCreateAffinityMasks> {
  return affinity === null ? null : irqCreateAffinityMasks(msi.domain!.domains.genirq, nvec, affinity);
}

/** Allocates; undoes what `prepare` entered when that fails or is not enough. */
function allocAll(dev: PciDevice, nvec: number, prepare: () => void): number {
  return msiLockDescs(dev, () => {
    try {
      prepare();
      return msiDomainAllocIrqsAllLocked(dev, MSI_DEFAULT_DOMAIN, nvec);
    } catch (error) {
      msiDomainFreeMsiDescsAll(dev, MSI_DEFAULT_DOMAIN);
      throw error;
    }
  });
}

/** @kernel msix_capability_init */
function msixCapabilityInit(dev: PciDevice, nvec: number, affinity: IrqAffinity | null): number {
  const port = dev.msixPort!;
  // All vectors are masked while the table is written.
  port.setControl(true, true);
  dev.msixEnabled = true;
  let ret = -1;
  try {
    const masks = masksFor(dev, nvec, affinity);
    ret = allocAll(dev, nvec, () => {
      for (let msiIndex = 0; msiIndex < nvec; msiIndex++) {
        const mask = masks?.[msiIndex];
        msiDomainInsertMsiDesc(dev, MSI_DEFAULT_DOMAIN, {
          msiIndex, affinity: mask ? [mask] : null, pci: { isMsix: true, canMask: true, msixCtrl: null, msiMask: 0 },
        });
      }
    });
  } finally {
    if (ret === 0) {
      msixMaskAll(dev);
      port.setControl(true, false);
    } else {
      dev.msixEnabled = false;
      port.setControl(false, false);
    }
  }
  return ret;
}

/** @kernel msi_capability_init */
function msiCapabilityInit(dev: PciDevice, nvec: number, affinity: IrqAffinity | null): number {
  const port = dev.msiPort!;
  if (nvec > 1 && !pciMsiDomainSupports(dev, MSI_FLAG.MULTI_PCI_MSI)) return 1;
  port.setEnable(false);
  dev.msiEnabled = true;
  let ret = -1;
  try {
    const masks = masksFor(dev, nvec, affinity);
    ret = allocAll(dev, nvec, () => {
      const pci = { isMsix: false, canMask: port.canMask, msixCtrl: null, msiMask: 0 };
      const desc = msiDomainInsertMsiDesc(dev, MSI_DEFAULT_DOMAIN, { msiIndex: 0, nvecUsed: nvec, affinity: masks, pci });
      msiMaskAll(dev, desc);
    });
  } finally {
    if (ret === 0) port.setEnable(true);
    else dev.msiEnabled = false;
  }
  return ret;
}

/** Tries with fewer vectors as long as there is a point. @throws IrqError `ENOSPC` below `min`. */
function enableRange(dev: PciDevice, { min, max, affinity }: Wish, enable: Enable): number {
  const { genirq } = dev.msi.domain!.domains;
  for (let nvec = max;;) {
    if (affinity !== null) nvec = irqCalcAffinityVectors(genirq, min, nvec, affinity);
    if (nvec < min) throw new IrqError('ENOSPC', `${dev.name}: ${min} vectors are needed, there can be ${nvec}.`);
    const possible = enable(dev, nvec, affinity);
    if (possible === 0) return nvec;
    if (possible < min) throw new IrqError('ENOSPC', `${dev.name}: ${min} vectors are needed, there can be ${possible}.`);
    nvec = possible;
  }
}

function setUpDomain(dev: PciDevice, setup: () => void): void {
  try {
    setup();
  } catch (cause) {
    if (!(cause instanceof IrqError)) throw cause;
    throw new IrqError('ENODEV', `${dev.name} gets no domain for its messages: ${cause.message}`, { cause });
  }
}

/** @kernel __pci_enable_msix_range */
function enableMsixRange(dev: PciDevice, wish: Wish): number {
  const size = dev.msixPort!.tableSize;
  const max = Math.min(wish.max, size);
  if (max < wish.min) throw new IrqError('ENOSPC', `${dev.name} has ${size} MSI-X vectors, ${wish.min} are needed.`);
  setUpDomain(dev, () => pciSetupMsixDeviceDomain(dev, size));
  return enableRange(dev, { ...wish, max }, msixCapabilityInit);
}

/** @kernel __pci_enable_msi_range */
function enableMsiRange(dev: PciDevice, wish: Wish): number {
  const size = dev.msiPort!.nrVectors;
  if (size < wish.min) throw new IrqError('ENOSPC', `${dev.name} has ${size} MSI vectors, ${wish.min} are needed.`);
  setUpDomain(dev, () => pciSetupMsiDeviceDomain(dev, size));
  return enableRange(dev, { ...wish, max: Math.min(wish.max, size) }, msiCapabilityInit);
}

/**
 * Gives a device between `min` and `max` message interrupts: by MSI-X if `flags` allow it and the device has it, else by plain
 * MSI. With `affinity` they are managed: spread over the CPUs but for those that it names. Task context.
 * @param flags - PCI_IRQ.*
 * @returns how many there are; `pciIrqVector` says which.
 * @throws IrqError `ERANGE` for a range that is none, `EINVAL` when the device has messages enabled already, `ENODEV` without a
 * domain, `ENOSPC` when there are not enough, `ENOTSUPP` when device or MSI parent have none of the wanted kinds, `ENOMEM`.
 * Nothing is left enabled then.
 * @kernel pci_alloc_irq_vectors_affinity
 */
export function pciAllocIrqVectors(dev: PciDevice, min: number, max: number, flags: number = PCI_IRQ.MSI | PCI_IRQ.MSIX, affinity: IrqAffinity | null = null): number {
  if (max < min || min < 1) throw new IrqError('ERANGE', `${dev.name}: between ${min} and ${max} vectors; ask for at least 1.`);
  if (dev.msixEnabled || dev.msiEnabled) throw new IrqError('EINVAL', `${dev.name} has messages enabled; call pciFreeIrqVectors() first.`);
  let error = new IrqError('ENOTSUPP', `${dev.name} or its MSI parent (${dev.msi.domain?.name ?? 'none'}) has no messages of the wanted kind.`);
  const attempts: (() => number)[] = [];
  const wish = { min, max, affinity };
  if (flags & PCI_IRQ.MSIX && dev.msixPort && pciMsiDomainSupports(dev, MSI_FLAG.PCI_MSIX)) attempts.push(() => enableMsixRange(dev, wish));
  if (flags & PCI_IRQ.MSI && dev.msiPort && pciMsiDomainSupports(dev, 0)) attempts.push(() => enableMsiRange(dev, wish));
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch (cause) {
      if (!(cause instanceof IrqError)) throw cause;
      error = cause;
    }
  }
  throw error;
}

/** Frees the device's message interrupts, whose handlers are gone, and disables them; the domain stays. Task context. @kernel pci_free_irq_vectors */
export function pciFreeIrqVectors(dev: PciDevice): void {
  if (!dev.msixEnabled && !dev.msiEnabled) return;
  if (dev.msixEnabled) {
    msixMaskAll(dev);
    dev.msixPort!.setControl(false, false);
  } else {
    dev.msiPort!.setEnable(false);
  }
  dev.msixEnabled = dev.msiEnabled = false;
  msiLockDescs(dev, () => msiDomainFreeIrqsAllLocked(dev, MSI_DEFAULT_DOMAIN));
}

/** The Linux interrupt of vector `nr`. Task context. @throws IrqError `EINVAL` for one that there is not. @kernel pci_irq_vector */
export function pciIrqVector(dev: PciDevice, nr: number): number {
  const irq = nr > MSI_MAX_INDEX ? 0 : msiDomainGetVirq(dev, MSI_DEFAULT_DOMAIN, nr);
  if (irq === 0) throw new IrqError('EINVAL', `${dev.name} has no vector ${nr}; pciAllocIrqVectors() says how many there are.`);
  return irq;
}
