/** What an MSI domain can do and how it wants to be served, with the kernel's bit values. @kernel MSI_FLAG_* */
export const MSI_FLAG = {
  /** Missing operations get the stock ones. */
  USE_DEF_DOM_OPS: 0x1,
  /** A chip without `irqSetAffinity` gets the stock one. */
  USE_DEF_CHIP_OPS: 0x2,
  /** The message is written when the interrupt is allocated, not only when it is requested. */
  ACTIVATE_EARLY: 0x4,
  MUST_REACTIVATE: 0x8,
  /** Interrupts appear in the device's `msi_irqs`. */
  DEV_SYSFS: 0x10,
  /** The core makes a descriptor for each index of a range. */
  ALLOC_SIMPLE_MSI_DESCS: 0x20,
  /** The core frees descriptors together with their interrupts. */
  FREE_MSI_DESCS: 0x40,
  /** The domain is found by the device's own firmware node. */
  USE_DEV_FWNODE: 0x80,
  PARENT_PM_DEV: 0x100,
  /** PCI vectors are masked at the parent as well. */
  PCI_MSI_MASK_PARENT: 0x200,
  /** More than one vector by plain MSI. */
  MULTI_PCI_MSI: 0x1_0000,
  PCI_MSIX: 0x2_0000,
  LEVEL_CAPABLE: 0x4_0000,
  MSIX_CONTIGUOUS: 0x8_0000,
  /** Vectors can be added after MSI-X was enabled. */
  PCI_MSIX_ALLOC_DYN: 0x10_0000,
  NO_AFFINITY: 0x20_0000,
  NO_MASK: 0x40_0000,
} as const;

/** Flags that every MSI domain may have. @kernel MSI_GENERIC_FLAGS_MASK */
export const MSI_GENERIC_FLAGS_MASK = 0xffff;
/** Flags that depend on what the parent can do. @kernel MSI_DOMAIN_FLAGS_MASK */
export const MSI_DOMAIN_FLAGS_MASK = 0xffff_0000;

/** Callbacks that a parent gives to the chips above it. @kernel MSI_CHIP_FLAG_* */
export const MSI_CHIP_FLAG = { SET_EOI: 0x1, SET_ACK: 0x2 } as const;

/** Id of a device's first MSI domain. @kernel MSI_DEFAULT_DOMAIN */
export const MSI_DEFAULT_DOMAIN = 0;
/** @kernel MSI_SECONDARY_DOMAIN */
export const MSI_SECONDARY_DOMAIN = 1;
/** MSI domains that a device can have. @kernel MSI_MAX_DEVICE_IRQDOMAINS */
export const MSI_MAX_DEVICE_IRQDOMAINS = 2;
/** The largest index in an MSI domain. @kernel MSI_MAX_INDEX */
export const MSI_MAX_INDEX = 0xffff;
/** Instead of an index: the lowest free one. @kernel MSI_ANY_INDEX */
export const MSI_ANY_INDEX = 0xffff_ffff;
