import { irqToDesc, type Genirq, type IrqAffinityDesc, type IrqData, type MsiMsg } from '@irqchip/genirq-core';
import type { Smp } from '@irqchip/smp';

/** 64 bits that belong to one interrupt of a domain; a wire's type and number, for one. @kernel msi_instance_cookie */
export interface MsiInstanceCookie {
  readonly lo: number;
  readonly hi: number;
}

/** What a PCI device adds to a descriptor. @kernel pci_msi_desc */
export interface PciMsiDesc {
  readonly isMsix: boolean;
  /** Whether the device can mask single vectors. */
  canMask: boolean;
  /** MSI-X: the vector control word as it was last written; null until it was read. @kernel pci_msi_desc.msix_ctrl */
  msixCtrl: number | null;
  /** MSI: the mask bits as they were last written. @kernel pci_msi_desc.msi_mask */
  msiMask: number;
}

/** Which descriptors to look at. @kernel msi_desc_filter */
export type MsiDescFilter = 'all' | 'notassociated' | 'associated';

/** One message of a device, or a block of `nvecUsed`. @kernel msi_desc */
export class MsiDesc {
  /** Index in its domain. */
  msiIndex = 0;
  /** First Linux interrupt, 0 while it has none. */
  irq = 0;
  /** The last message that was written, where the chip keeps it. */
  readonly msg: MsiMsg = { addressLo: 0, addressHi: 0, data: 0 };
  cookie: MsiInstanceCookie | null = null;
  pci: PciMsiDesc | null = null;
  /** Whether `msi_irqs` lists it. */
  sysfs = false;

  constructor(readonly nvecUsed: number, readonly affinity: readonly IrqAffinityDesc[] | null) {}

  /** @kernel msi_desc_match */
  matches(filter: MsiDescFilter): boolean {
    return filter === 'all' || (filter === 'associated') === (this.irq !== 0);
  }
}

/** A descriptor with its own copy of `affinity`. @throws IrqError `ENOMEM` @kernel msi_alloc_desc */
export function msiAllocDesc({ faults }: Smp, nvec: number, affinity: readonly IrqAffinityDesc[] | null): MsiDesc {
  faults.check('msi_desc');
  if (affinity === null) return new MsiDesc(nvec, null);
  faults.check('msi_desc_affinity');
  return new MsiDesc(nvec, affinity.slice(0, nvec).map(({ mask, isManaged }) => ({ mask: mask.clone(), isManaged })));
}

/** The MSI descriptor behind one level of an interrupt, or null. Any context. @kernel irq_data_get_msi_desc */
export function irqDataGetMsiDesc(data: IrqData): MsiDesc | null {
  return (data.common.msiDesc as MsiDesc | null) ?? null;
}

/** The MSI descriptor of `irq`, or null. Any context. @kernel irq_get_msi_desc */
export function irqGetMsiDesc(genirq: Genirq, irq: number): MsiDesc | null {
  const desc = irqToDesc(genirq, irq);
  return desc === null ? null : irqDataGetMsiDesc(desc.irqData);
}

/** Ties interrupt `irqBase + offset` to `entry`; offset 0 makes it the descriptor's first. Task context. @kernel irq_set_msi_desc_off */
export function irqSetMsiDescOff(genirq: Genirq, irqBase: number, offset: number, entry: MsiDesc): void {
  const desc = irqToDesc(genirq, irqBase + offset)!;
  const flags = desc.lock.lockIrqsave();
  desc.common.msiDesc = entry;
  if (offset === 0) entry.irq = irqBase;
  desc.lock.unlockIrqrestore(flags);
}

/** The message that was last written for `irq`. @kernel get_cached_msi_msg */
export function getCachedMsiMsg(genirq: Genirq, irq: number): MsiMsg | null {
  const entry = irqGetMsiDesc(genirq, irq);
  return entry === null ? null : { ...entry.msg };
}
