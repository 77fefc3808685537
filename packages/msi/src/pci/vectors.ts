import type { MsiMsg } from '@irqchip/genirq-core';
import type { MsiDesc } from '../device/desc.ts';
import type { PciDevice } from './device.ts';
import { PCI_MSIX_ENTRY } from './ports.ts';

const { SIZE, LOWER_ADDR, UPPER_ADDR, DATA, VECTOR_CTRL, CTRL_MASKBIT } = PCI_MSIX_ENTRY;

function entryOf({ msiIndex }: MsiDesc): number {
  return msiIndex * SIZE;
}

/** Learns an entry's control word, unless that is known. @kernel msix_prepare_msi_desc */
export function msixPrepareDesc({ msixPort }: PciDevice, desc: MsiDesc): void {
  const pci = desc.pci ??= { isMsix: true, canMask: true, msixCtrl: null, msiMask: 0 };
  pci.msixCtrl ??= msixPort!.readl(entryOf(desc) + VECTOR_CTRL);
}

/** Masks or unmasks one entry. Any context. @kernel pci_msix_mask */
export function msixSetMask({ msixPort }: PciDevice, desc: MsiDesc, mask: boolean): void {
  const pci = desc.pci!;
  const at = entryOf(desc);
  pci.msixCtrl = mask ? pci.msixCtrl! | CTRL_MASKBIT : pci.msixCtrl! & ~CTRL_MASKBIT;
  msixPort!.writel(at + VECTOR_CTRL, pci.msixCtrl);
  // The read makes sure that a mask has arrived before this returns.
  if (mask) msixPort!.readl(at + DATA);
}

/** An entry must be masked while its message changes: it has three words. @kernel pci_write_msg_msix */
export function writeMsgMsix({ msixPort: port }: PciDevice, desc: MsiDesc, msg: MsiMsg): void {
  const at = entryOf(desc);
  const ctrl = desc.pci!.msixCtrl!;
  const unmasked = (ctrl & CTRL_MASKBIT) === 0;
  if (unmasked) port!.writel(at + VECTOR_CTRL, ctrl | CTRL_MASKBIT);
  port!.writel(at + LOWER_ADDR, msg.addressLo);
  port!.writel(at + UPPER_ADDR, msg.addressHi);
  port!.writel(at + DATA, msg.data);
  if (unmasked) port!.writel(at + VECTOR_CTRL, ctrl);
  port!.readl(at + DATA);
  Object.assign(desc.msg, msg);
}

/** Masks or unmasks vector `n` of a plain MSI; nothing where the device cannot. Any context. @kernel pci_msi_mask */
export function msiSetMask({ msiPort }: PciDevice, { pci }: MsiDesc, n: number, mask: boolean): void {
  if (!pci!.canMask) return;
  const bit = 1 << n;
  pci!.msiMask = mask ? pci!.msiMask | bit : pci!.msiMask & ~bit;
  msiPort!.writeMask(pci!.msiMask);
}

/** Masks all vectors of a plain MSI, which are not masked at reset. @kernel msi_multi_mask */
export function msiMaskAll({ msiPort }: PciDevice, { pci, nvecUsed }: MsiDesc): void {
  if (!pci!.canMask) return;
  pci!.msiMask = -1 >>> (32 - nvecUsed);
  msiPort!.writeMask(pci!.msiMask);
}

/** @kernel pci_write_msg_msi */
export function writeMsgMsi({ msiPort }: PciDevice, desc: MsiDesc, msg: MsiMsg): void {
  msiPort!.writeMsg(msg, desc.nvecUsed);
  Object.assign(desc.msg, msg);
}

/** Masks every entry, used or not: a stale one must not fire. @kernel msix_mask_all */
export function msixMaskAll({ msixPort: port }: PciDevice): void {
  for (let i = 0; i < port!.tableSize; i++) port!.writel(i * SIZE + VECTOR_CTRL, CTRL_MASKBIT);
}
