/** What all consumers may say. */
interface ConsumerFlags {
  /** Requested with IRQF_SHARED. Default: as the built-in rule of the node says, else no. */
  readonly shared?: boolean;
  /** The driver keeps autoprobing off its interrupt (IRQ_NOPROBE). Default as for `shared`. */
  readonly noprobe?: boolean;
}

/** A device of the tree whose driver requests interrupts. */
export interface NodeConsumer extends ConsumerFlags {
  /** Path of the device's node. */
  readonly node: string;
  /** Which of the node's interrupts. Default 0. */
  readonly index?: number;
  /** Under which names it is requested, in order; none: only mapped. Default: what the built-in rule of the node says. */
  readonly names?: readonly string[];
}

/** The vectors of a PCI device whose driver uses MSI-X. */
export interface MsixVectors {
  /** What each vector is requested as, in order; null: allocated and never requested. */
  readonly names: readonly (string | null)[];
  /** The driver has vectors spread over the CPUs (managed) but for so many at either end. Default: none is spread. */
  readonly affinity?: { readonly pre?: number; readonly post?: number };
  /** The driver first asks for so many vectors, requests the first one, and gives them back. */
  readonly first?: number;
}

/** A PCI device, which is in no device tree. */
export interface PciConsumer extends ConsumerFlags {
  /** `0000:00:01.0` */
  readonly pci: string;
  /** Path of its host bridge. Default: the tree's one with the address's domain. */
  readonly host?: string;
  /** Interrupt pin, INTA# 1 to INTD# 4. Default 1. The kernel maps it whether the driver uses it or not. */
  readonly pin?: number;
  /** As what the pin is requested where the host bridge has no MSIs, or `msix` is left out. Default: nothing is requested. */
  readonly intx?: readonly string[];
  readonly msix?: MsixVectors;
}

/** Which device requests which interrupt, and as what. */
export type ConsumerSpec = NodeConsumer | PciConsumer;

/** Whether a consumer is a PCI device. */
export function isPci<T extends object>(spec: T | PciConsumer): spec is PciConsumer {
  return 'pci' in spec;
}
