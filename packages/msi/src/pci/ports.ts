import type { MsiMsg } from '@irqchip/genirq-core';

/** Words of an MSI-X table entry, 16 bytes each; offsets in bytes. @kernel PCI_MSIX_ENTRY_* */
export const PCI_MSIX_ENTRY = {
  SIZE: 16,
  LOWER_ADDR: 0,
  UPPER_ADDR: 4,
  DATA: 8,
  VECTOR_CTRL: 12,
  /** In VECTOR_CTRL; set at reset. */
  CTRL_MASKBIT: 0x1,
} as const;

/** A device's MSI-X capability and table. */
export interface MsixPort {
  /** Entries in the table. */
  readonly tableSize: number;
  /** The table; offsets in bytes from its beginning. */
  readl(offset: number): number;
  writel(offset: number, value: number): void;
  /** Message control: MSI-X enable, and function mask, which keeps all vectors quiet. Both are off at reset. */
  setControl(enable: boolean, maskAll: boolean): void;
}

/** A device's plain MSI capability. */
export interface MsiPort {
  /** Messages that it can tell apart: 1, 2, 4 … 32. */
  readonly nrVectors: number;
  /** Whether it has mask bits. */
  readonly canMask: boolean;
  setEnable(enable: boolean): void;
  /** One bit a vector; only called if `canMask`. */
  writeMask(bits: number): void;
  /** Vector n sends `msg.data + n`; `nrVectors` is a power of two. */
  writeMsg(msg: Readonly<MsiMsg>, nrVectors: number): void;
}
