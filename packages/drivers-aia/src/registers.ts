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
  /** A value of eidelivery: a PLIC or APLIC supplies the signal. */
  EIDELIVERY_ALTERNATE: 0x40000000,
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

/** Numbers that chapter 4 of the AIA specification fixes for an APLIC, for the driver and for the model. Offsets in bytes. */
export const APLIC = {
  /** Wired sources are numbered from 1; source 0 does not exist. */
  MAX_SOURCES: 1023,
  MAX_IDC: 16384,
  DOMAINCFG: 0x0,
  /** Bits 31:24 of domaincfg: read-only 0x80. */
  DOMAINCFG_RDONLY: 0x80000000,
  DOMAINCFG_IE: 0x100,
  /** Delivery mode: 0 direct, 1 by messages. */
  DOMAINCFG_DM: 0x4,
  /** Registers are big-endian. */
  DOMAINCFG_BE: 0x1,
  /** Of source 1; 4 bytes a source. */
  SOURCECFG_BASE: 0x4,
  /** Delegated: bits 9:0 are the index of the child; else bits 2:0 are the source mode. */
  SOURCECFG_D: 0x400,
  SOURCECFG_CHILDIDX_MASK: 0x3ff,
  SOURCECFG_SM_MASK: 0x7,
  SOURCECFG_SM_INACTIVE: 0x0,
  SOURCECFG_SM_DETACH: 0x1,
  SOURCECFG_SM_EDGE_RISE: 0x4,
  SOURCECFG_SM_EDGE_FALL: 0x5,
  SOURCECFG_SM_LEVEL_HIGH: 0x6,
  SOURCECFG_SM_LEVEL_LOW: 0x7,
  /** Where messages go; these four exist in a root domain of machine level. */
  MMSICFGADDR: 0x1bc0,
  MMSICFGADDRH: 0x1bc4,
  SMSICFGADDR: 0x1bc8,
  SMSICFGADDRH: 0x1bcc,
  /** Lock: all four are read-only. */
  XMSICFGADDRH_L: 0x80000000,
  XMSICFGADDRH_HHXS_MASK: 0x1f,
  XMSICFGADDRH_HHXS_SHIFT: 24,
  XMSICFGADDRH_LHXS_MASK: 0x7,
  XMSICFGADDRH_LHXS_SHIFT: 20,
  XMSICFGADDRH_HHXW_MASK: 0x7,
  XMSICFGADDRH_HHXW_SHIFT: 16,
  XMSICFGADDRH_LHXW_MASK: 0xf,
  XMSICFGADDRH_LHXW_SHIFT: 12,
  XMSICFGADDRH_BAPPN_MASK: 0xfff,
  /** Base page numbers count pages of 4 KiB. */
  XMSICFGADDR_PPN_SHIFT: 12,
  /** Added to HHXS in the sum that makes a page number. */
  XMSICFGADDR_PPN_HHX_SHIFT: 12,
  /** One bit a source, 32 sources a register: the four arrays, and the by-number register of each. */
  SETIP_BASE: 0x1c00,
  SETIPNUM: 0x1cdc,
  CLRIP_BASE: 0x1d00,
  CLRIPNUM: 0x1ddc,
  SETIE_BASE: 0x1e00,
  SETIENUM: 0x1edc,
  CLRIE_BASE: 0x1f00,
  CLRIENUM: 0x1fdc,
  SETIPNUM_LE: 0x2000,
  SETIPNUM_BE: 0x2004,
  GENMSI: 0x3000,
  GENMSI_BUSY: 0x1000,
  /** Of source 1; 4 bytes a source. */
  TARGET_BASE: 0x3004,
  TARGET_HART_IDX_SHIFT: 18,
  TARGET_HART_IDX_MASK: 0x3fff,
  TARGET_GUEST_IDX_SHIFT: 12,
  TARGET_GUEST_IDX_MASK: 0x3f,
  TARGET_IPRIO_MASK: 0xff,
  TARGET_EIID_MASK: 0x7ff,
  /** Interrupt delivery control, one a hart index; what follows are offsets in it. */
  IDC_BASE: 0x4000,
  IDC_SIZE: 32,
  IDC_IDELIVERY: 0x0,
  IDC_IFORCE: 0x4,
  IDC_ITHRESHOLD: 0x8,
  IDC_TOPI: 0x18,
  IDC_CLAIMI: 0x1c,
  /** topi and claimi: the source above, its priority below. */
  IDC_TOPI_ID_SHIFT: 16,
  IDC_TOPI_ID_MASK: 0x3ff,
  IDC_TOPI_PRIO_MASK: 0xff,
  /** What a priority written as 0 becomes, and Linux's default. */
  DEFAULT_PRIORITY: 1,
} as const;

/** `compatible` of the node. */
export const APLIC_COMPATIBLE = 'riscv,aplic';
