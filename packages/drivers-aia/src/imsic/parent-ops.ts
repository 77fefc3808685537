import { IRQCHIP, irqChipRetriggerHierarchy, type LinuxVersion } from '@irqchip/genirq-core';
import { DOMAIN_BUS } from '@irqchip/irqdomain';
import { MSI_CHIP_FLAG, MSI_FLAG, MSI_GENERIC_FLAGS_MASK, msiLibInitDevMsiInfo, type MsiParentOps } from '@irqchip/msi';

/** What the IMSIC offers to devices: MSI-X and single messages, no blocks. @kernel imsic_msi_parent_ops */
export function imsicMsiParentOps(linux: LinuxVersion): MsiParentOps {
  const old = linux === '6.12';
  return {
    supportedFlags: MSI_GENERIC_FLAGS_MASK | MSI_FLAG.PCI_MSIX,
    requiredFlags: MSI_FLAG.USE_DEF_DOM_OPS | MSI_FLAG.USE_DEF_CHIP_OPS | MSI_FLAG.PCI_MSI_MASK_PARENT,
    chipFlags: old ? 0 : MSI_CHIP_FLAG.SET_ACK,
    busSelectToken: DOMAIN_BUS.NEXUS,
    busSelectMask: (1 << DOMAIN_BUS.PCI_MSI) | (1 << DOMAIN_BUS.PLATFORM_MSI),
    /** @kernel imsic_init_dev_msi_info */
    initDevMsiInfo(dev, domain, realParent, info) {
      if (!msiLibInitDevMsiInfo(dev, domain, realParent, info)) return false;
      const { chip, busToken } = info;
      if (old) {
        chip.irqRetrigger = irqChipRetriggerHierarchy;
      } else if (busToken === DOMAIN_BUS.PCI_DEVICE_MSI || busToken === DOMAIN_BUS.PCI_DEVICE_MSIX) {
        // A PCI device's message has three words, and cannot change while it may be sent.
        chip.flags = (chip.flags ?? 0) | IRQCHIP.MOVE_DEFERRED;
      }
      return true;
    },
  };
}
