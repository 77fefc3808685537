/** Offsets of a CLINT from its base: MSWI, then MTIMER. */

/** MSIP of index i: bit 0 is the software interrupt of that hart. */
export const CLINT_MSIP = 0x0;
export const CLINT_MSIP_STRIDE = 4;
/** MTIMECMP of index i, 64 bits. */
export const CLINT_MTIMECMP = 0x4000;
export const CLINT_MTIMECMP_STRIDE = 8;
/** MTIME, 64 bits. */
export const CLINT_MTIME = 0xbff8;
/** Indexes 0 … 4094 exist. */
export const CLINT_MAX_HARTS = 4095;
