/** Flags of a domain, with the kernel's bit values. @kernel IRQ_DOMAIN_FLAG_* */
export const IRQ_DOMAIN_FLAG = {
  /** Set by itself when the ops have `alloc`. */
  HIERARCHY: 0x1,
  NAME_ALLOCATED: 0x2,
  /** An IPI is one hwirq per CPU. */
  IPI_PER_CPU: 0x4,
  /** An IPI is one hwirq for all CPUs. */
  IPI_SINGLE: 0x8,
  MSI: 0x10,
  ISOLATED_MSI: 0x20,
  /** No reverse map: hwirq is virq. */
  NO_MAP: 0x40,
  MSI_PARENT: 0x100,
  MSI_DEVICE: 0x200,
  DESTROY_GC: 0x400,
  MSI_IMMUTABLE: 0x800,
  FWNODE_PARENT: 0x1000,
  /** The first bit that drivers may use for themselves. */
  NONCORE: 0x10000,
} as const;

/** What a domain is for, so that several can share one fwnode. @kernel irq_domain_bus_token, DOMAIN_BUS_* */
export const DOMAIN_BUS = {
  ANY: 0,
  WIRED: 1,
  GENERIC_MSI: 2,
  PCI_MSI: 3,
  PLATFORM_MSI: 4,
  NEXUS: 5,
  IPI: 6,
  FSL_MC_MSI: 7,
  TI_SCI_INTA_MSI: 8,
  WAKEUP: 9,
  VMD_MSI: 10,
  PCI_DEVICE_MSI: 11,
  PCI_DEVICE_MSIX: 12,
  DMAR: 13,
  AMDVI: 14,
  DEVICE_MSI: 15,
  WIRED_TO_MSI: 16,
} as const;
