import type { Csr, Harts } from '@irqchip/riscv';
import { IMSIC } from '../registers.ts';

const ENABLE_EIDELIVERY = 1;
const ENABLE_EITHRESHOLD = 0;
const DISABLE_EIDELIVERY = 0;
const DISABLE_EITHRESHOLD = 1;

/**
 * The running hart's interrupt file. Everything but the claim takes two instructions, so interrupts must be off.
 * @kernel imsic_csr_write
 */
export class ImsicCsrs {
  private readonly iselect: number;
  private readonly ireg: number;
  private readonly topei: number;
  private readonly wide: boolean;

  constructor(private readonly csr: Csr, harts: Harts) {
    ({ iselect: this.iselect, ireg: this.ireg, topei: this.topei } = harts.csr);
    this.wide = harts.xlen === 64;
  }

  /** Takes the identity that is on top: it is no longer pending. 0 when there is none. */
  claim(): number {
    return this.csr.swap(this.topei, 0) >>> IMSIC.TOPEI_ID_SHIFT;
  }

  /** @kernel __imsic_id_set_enable */
  setEnable(id: number): void {
    this.select(IMSIC.EIE0, id);
    this.csr.set(this.ireg, this.lo(id), this.hi(id));
  }

  /** @kernel __imsic_id_clear_enable */
  clearEnable(id: number): void {
    this.select(IMSIC.EIE0, id);
    this.csr.clear(this.ireg, this.lo(id), this.hi(id));
  }

  /** Whether `id` was pending; it is not afterwards. @kernel __imsic_id_read_clear_pending */
  readClearPending(id: number): boolean {
    this.select(IMSIC.EIP0, id);
    const lo = this.lo(id);
    const hi = this.hi(id);
    const pending = ((this.csr.read(this.ireg) & lo) | (hi === 0 ? 0 : this.csr.readHi(this.ireg) & hi)) !== 0;
    // Only what was seen is cleared: a message that comes after the read stays.
    if (pending) this.csr.clear(this.ireg, lo, hi);
    return pending;
  }

  /** @kernel imsic_local_delivery */
  delivery(on: boolean): void {
    if (on) {
      this.write(IMSIC.EITHRESHOLD, ENABLE_EITHRESHOLD);
      this.write(IMSIC.EIDELIVERY, ENABLE_EIDELIVERY);
    } else {
      this.write(IMSIC.EIDELIVERY, DISABLE_EIDELIVERY);
      this.write(IMSIC.EITHRESHOLD, DISABLE_EITHRESHOLD);
    }
  }

  private write(register: number, value: number): void {
    this.csr.write(this.iselect, register);
    this.csr.write(this.ireg, value);
  }

  /** On RV64 the odd numbers do not exist: the even one below has their identities in its upper half. */
  private select(base: number, id: number): void {
    const index = (id / IMSIC.EIX_BITS) | 0;
    this.csr.write(this.iselect, base + (this.wide ? index & ~1 : index));
  }

  private lo(id: number): number { return this.wide && (id & 32) !== 0 ? 0 : 1 << (id & 31); }

  private hi(id: number): number { return this.wide && (id & 32) !== 0 ? 1 << (id & 31) : 0; }
}
