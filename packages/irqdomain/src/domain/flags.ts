/** Flags of a domain, with the kernel's bit values. @kernel IRQ_DOMAIN_FLAG_HIERARCHY */
export const IRQ_DOMAIN_FLAG = {
  /** Set by itself when the ops have `alloc`. */
  HIERARCHY: 1 << 0,
  NAME_ALLOCATED: 1 << 1,
  /** An IPI is one hwirq per CPU. */
  IPI_PER_CPU: 1 << 2,
  /** An IPI is one hwirq for all CPUs. */
  IPI_SINGLE: 1 << 3,
  MSI: 1 << 4,
  ISOLATED_MSI: 1 << 5,
  /** No reverse map: hwirq is virq. */
  NO_MAP: 1 << 6,
  MSI_PARENT: 1 << 8,
  MSI_DEVICE: 1 << 9,
  DESTROY_GC: 1 << 10,
  MSI_IMMUTABLE: 1 << 11,
  FWNODE_PARENT: 1 << 12,
  /** The first bit that drivers may use for themselves. */
  NONCORE: 1 << 16,
} as const;

/** What a domain is for, so that several can share one fwnode. @kernel irq_domain_bus_token */
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
