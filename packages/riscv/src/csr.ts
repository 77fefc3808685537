import { serviceToken, type ServiceToken } from '@irqchip/smp';

/** Numbers of the control and status registers that interrupt code touches. @kernel CSR_SIE */
export const CSR_SSTATUS = 0x100;
export const CSR_SIE = 0x104;
export const CSR_STVEC = 0x105;
export const CSR_SIEH = 0x114;
export const CSR_SCAUSE = 0x142;
export const CSR_SIP = 0x144;
export const CSR_STIMECMP = 0x14d;
export const CSR_SISELECT = 0x150;
export const CSR_SIREG = 0x151;
export const CSR_SIPH = 0x154;
export const CSR_STOPEI = 0x15c;
export const CSR_STIMECMPH = 0x15d;
export const CSR_STOPI = 0xdb0;
export const CSR_MSTATUS = 0x300;
export const CSR_MIDELEG = 0x303;
export const CSR_MIE = 0x304;
export const CSR_MIEH = 0x314;
export const CSR_MIP = 0x344;
export const CSR_MISELECT = 0x350;
export const CSR_MIREG = 0x351;
export const CSR_MIPH = 0x354;
export const CSR_MTOPEI = 0x35c;
export const CSR_MTOPI = 0xfb0;
export const CSR_TIME = 0xc01;
export const CSR_TIMEH = 0xc81;
/** Andes: enable and pending bits of the custom supervisor local interrupts. */
export const ANDES_CSR_SLIE = 0x9c4;
export const ANDES_CSR_SLIP = 0x9c5;

/** Where the interrupt number sits in `topi` and `topei`. @kernel TOPI_IID_SHIFT */
export const TOPI_IID_SHIFT = 16;

/**
 * The control and status registers of the running hart. Values are signed 32-bit patterns; on RV64 the upper half goes
 * through {@link Csr.readHi} and the `hi` arguments, which default to 0 and are ignored on RV32.
 * Every access is a point at which a deliverable interrupt may be taken.
 */
export interface Csr {
  /** Low half. @kernel csr_read */
  read(csr: number): number;
  /** High half, on RV64; 0 on RV32. Reads the register again: claim registers are read through `read` or `swap` alone. */
  readHi(csr: number): number;
  /** @kernel csr_write */
  write(csr: number, lo: number, hi?: number): void;
  /** @kernel csr_set */
  set(csr: number, lo: number, hi?: number): void;
  /** @kernel csr_clear */
  clear(csr: number, lo: number, hi?: number): void;
  /** Writes and returns the low half of what was there, in one instruction. @kernel csr_swap */
  swap(csr: number, lo: number): number;
}

/** The running hart's {@link Csr} in the container; the machine supplies it. */
export const CSR: ServiceToken<Csr> = serviceToken<Csr>('riscv', 'Csr');
