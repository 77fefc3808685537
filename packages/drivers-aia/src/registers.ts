/** Numbers that the IMSIC specification fixes, for the driver and for the model. Offsets and sizes in bytes. */
export const IMSIC = {
  /** One page per interrupt file. */
  PAGE_SHIFT: 12,
  PAGE_SIZE: 0x1000,
  /** Offsets in the page: the identity to set pending, in little-endian and in big-endian byte order. */
  SETEIPNUM_LE: 0x0,
  SETEIPNUM_BE: 0x4,
  /** Values of `iselect`. */
  EIDELIVERY: 0x70,
  EITHRESHOLD: 0x72,
  EIP0: 0x80,
  EIP63: 0xbf,
  EIE0: 0xc0,
  EIE63: 0xff,
  /** Identities per eip and eie number; on RV64 an even number covers its odd neighbour too. */
  EIX_BITS: 32,
  /** `topei` holds the identity twice: here and in the low bits, as the priority. */
  TOPEI_ID_SHIFT: 16,
  /** The largest identity is 64 * n - 1, in this range. */
  MIN_ID: 63,
  MAX_ID: 2047,
} as const;

/** `compatible` of the node. */
export const IMSIC_COMPATIBLE = 'riscv,imsics';
