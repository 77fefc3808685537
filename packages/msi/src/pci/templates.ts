import { IRQCHIP, irqChipMaskParent, irqChipUnmaskParent, type IrqData, type MsiMsg } from '@irqchip/genirq-core';
import { DOMAIN_BUS, type IrqDomain } from '@irqchip/irqdomain';
import { irqDataGetMsiDesc, type MsiDesc } from '../device/desc.ts';
import { msiGetDomainInfo, type MsiAllocInfo, type MsiDomainTemplate } from '../domain/types.ts';
import { MSI_FLAG } from '../flags.ts';
import { pciDevOf, type PciDevice } from './device.ts';
import { msiSetMask, msixPrepareDesc, msixSetMask, writeMsgMsi, writeMsgMsix } from './vectors.ts';

const COMMON_FLAGS = MSI_FLAG.FREE_MSI_DESCS | MSI_FLAG.ACTIVATE_EARLY | MSI_FLAG.DEV_SYSFS;

function maskParentToo({ domain }: IrqData): boolean {
  return (msiGetDomainInfo(domain as IrqDomain).flags & MSI_FLAG.PCI_MSI_MASK_PARENT) !== 0;
}

function devOf({ domain }: IrqData): PciDevice {
  return pciDevOf(domain as IrqDomain);
}

/** @kernel pci_msi_domain_write_msg */
function writeMsg(data: IrqData, msg: MsiMsg): void {
  const desc = irqDataGetMsiDesc(data)!;
  // One message serves the whole block of a plain MSI.
  if (desc.irq !== data.irq) return;
  if (desc.pci!.isMsix) writeMsgMsix(devOf(data), desc, msg);
  else writeMsgMsi(devOf(data), desc, msg);
}

/** @kernel pci_device_domain_set_desc */
function setDesc(arg: MsiAllocInfo, desc: MsiDesc): void {
  arg.desc = desc;
  arg.hwirq = desc.msiIndex;
}

/** Domains of devices that use MSI-X. @kernel pci_msix_template */
export const pciMsixTemplate: MsiDomainTemplate = {
  chip: {
    name: 'PCI-MSIX',
    flags: IRQCHIP.ONESHOT_SAFE,
    /** @kernel pci_irq_mask_msix */
    irqMask(data) {
      msixSetMask(devOf(data), irqDataGetMsiDesc(data)!, true);
      if (maskParentToo(data)) irqChipMaskParent(data);
    },
    /** @kernel pci_irq_unmask_msix */
    irqUnmask(data) {
      if (maskParentToo(data)) irqChipUnmaskParent(data);
      msixSetMask(devOf(data), irqDataGetMsiDesc(data)!, false);
    },
    irqWriteMsiMsg: writeMsg,
  },
  ops: {
    /** @kernel pci_msix_prepare_desc */
    prepareDesc: (domain, _arg, desc) => msixPrepareDesc(pciDevOf(domain), desc),
    setDesc,
  },
  info: {
    busToken: DOMAIN_BUS.PCI_DEVICE_MSIX,
    flags: COMMON_FLAGS | MSI_FLAG.PCI_MSIX | MSI_FLAG.PCI_MSIX_ALLOC_DYN,
  },
};

/** Domains of devices that use plain MSI. @kernel pci_msi_template */
export const pciMsiTemplate: MsiDomainTemplate = {
  chip: {
    name: 'PCI-MSI',
    flags: IRQCHIP.ONESHOT_SAFE,
    /** @kernel pci_irq_mask_msi */
    irqMask(data) {
      const desc = irqDataGetMsiDesc(data)!;
      msiSetMask(devOf(data), desc, data.irq - desc.irq, true);
      if (maskParentToo(data)) irqChipMaskParent(data);
    },
    /** @kernel pci_irq_unmask_msi */
    irqUnmask(data) {
      if (maskParentToo(data)) irqChipUnmaskParent(data);
      const desc = irqDataGetMsiDesc(data)!;
      msiSetMask(devOf(data), desc, data.irq - desc.irq, false);
    },
    irqWriteMsiMsg: writeMsg,
  },
  ops: { setDesc },
  info: { busToken: DOMAIN_BUS.PCI_DEVICE_MSI, flags: COMMON_FLAGS | MSI_FLAG.MULTI_PCI_MSI },
};
