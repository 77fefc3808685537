import type { Sbi } from '@irqchip/riscv';

/** SBI numbers beyond those of `@irqchip/riscv`, for the driver and for the firmware model. */

/** Extension ids of SBI v0.1 and of two later extensions. @kernel SBI_EXT_0_1_CONSOLE_PUTCHAR */
export const SBI_EXT_MORE = {
  LEGACY_CONSOLE_PUTCHAR: 0x1,
  LEGACY_CONSOLE_GETCHAR: 0x2,
  LEGACY_REMOTE_SFENCE_VMA: 0x6,
  LEGACY_REMOTE_SFENCE_VMA_ASID: 0x7,
  LEGACY_SHUTDOWN: 0x8,
  SRST: 0x53525354,
  DBCN: 0x4442434e,
} as const;

/** Major version at bit 24, minor below. @kernel SBI_SPEC_VERSION_MAJOR_SHIFT */
export const SBI_SPEC_V2_0 = 0x0200_0000;
export const SBI_SPEC_V0_2 = 0x2;

/** Hart suspend types; every other value is reserved or not implemented. @kernel SBI_HSM_SUSPEND_RET_DEFAULT */
export const SBI_SUSPEND = { RETENTIVE: 0x0, NON_RETENTIVE: 0x8000_0000 } as const;

/** `hart_mask_base` that stands for every available hart; the mask is ignored then. */
export const SBI_ALL_HARTS = -1;

/**
 * SBI v0.1 passes a hart mask by the virtual address of a word in the caller's memory. Memory is not simulated, so a port
 * that serves v0.1 offers a place for that one word: it stores the mask and answers with its address, to be passed as a0.
 */
export interface LegacySbi extends Sbi {
  storeHartMask(lo: number, hi: number): number;
}
