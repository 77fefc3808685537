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

/** What CLINTs that this driver knows call themselves. */
export const CLINT_COMPATIBLE: readonly string[] = ['riscv,clint0', 'sifive,clint0'];
/** SSWI devices that the driver knows. The name of the specification, `riscv,aclint-sswi`, is not among them. */
export const SSWI_COMPATIBLE: readonly string[] = ['mips,p8700-aclint-sswi', 'nuclei,ux900-aclint-sswi', 'thead,c900-aclint-sswi'];
/** The register of hart index i in an SSWI: at 4·i. */
export const SSWI_STRIDE = 4;
/** Indexes 0 … 4094 exist. */
export const SSWI_MAX_HARTS = 4095;
