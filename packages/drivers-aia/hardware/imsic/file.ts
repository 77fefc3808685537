import { IrqError } from '@irqchip/smp';
import { IMSIC } from '../src/registers.ts';

/**
 * One interrupt file: what is pending, what is enabled, and whether the hart hears of it. All values are 32-bit patterns;
 * on RV64 the eip and eie registers come as a low and a high half.
 */
export class ImsicFile {
  readonly nrIds: number;
  /** `eidelivery`: the only legal values here are 0 and 1. */
  delivery = 0;
  /** `eithreshold`: identities of this number and above do not signal; 0 lets all through. */
  threshold = 0;
  /** `iselect` of the hart, as far as this file is concerned. */
  select = 0;
  private readonly eip: Int32Array;
  private readonly eie: Int32Array;
  private readonly xlen: 32 | 64;
  private readonly drive: (level: boolean) => void;
  private level = false;

  /** @param drive - called when the external interrupt line of the hart changes. */
  constructor(nrIds: number, xlen: 32 | 64, drive: (level: boolean) => void) {
    this.nrIds = nrIds;
    this.xlen = xlen;
    this.drive = drive;
    this.eip = new Int32Array((nrIds + 1) >>> 5);
    this.eie = new Int32Array((nrIds + 1) >>> 5);
  }

  /** A message with `id` arrives. Identity 0 and those that are not implemented are ignored. */
  setPending(id: number): void {
    if (id < 1 || id > this.nrIds) return;
    this.eip[id >>> 5]! |= 1 << (id & 31);
    this.update();
  }

  isPending(id: number): boolean {
    return ((this.eip[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  isEnabled(id: number): boolean {
    return ((this.eie[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  /** The lowest identity that is pending, enabled and below the threshold, in both halves of the word; else 0. */
  topei(): number {
    const limit = this.threshold === 0 ? this.nrIds + 1 : this.threshold;
    for (let k = 0; k < this.eip.length; k++) {
      const word = this.eip[k]! & this.eie[k]!;
      if (word === 0) continue;
      const id = (k << 5) + 31 - Math.clz32(word & -word);
      return id < limit ? (id << IMSIC.TOPEI_ID_SHIFT) | id : 0;
    }
    return 0;
  }

  /** Any write to `topei`: the identity that it reports now is no longer pending. Returns what was reported. */
  claim(): number {
    const top = this.topei();
    const id = top & 0x7ff;
    if (id !== 0) {
      this.eip[id >>> 5]! &= ~(1 << (id & 31));
      this.update();
    }
    return top;
  }

  /** Low half of the register that `iselect` names. */
  readIreg(): number {
    const { select } = this;
    if (select === IMSIC.EIDELIVERY) return this.delivery;
    if (select === IMSIC.EITHRESHOLD) return this.threshold;
    const words = this.array('read');
    return words === null ? 0 : words[this.index()] ?? 0;
  }

  /** High half; 0 on RV32. */
  readIregHi(): number {
    if (this.xlen === 32 || this.select < IMSIC.EIP0) return 0;
    const words = this.array('read');
    return words === null ? 0 : words[this.index() + 1] ?? 0;
  }

  writeIreg(lo: number, hi: number): void {
    const { select } = this;
    if (select === IMSIC.EIDELIVERY) this.delivery = lo & 1;
    else if (select === IMSIC.EITHRESHOLD) this.threshold = lo & IMSIC.MAX_ID;
    else {
      const words = this.array('write');
      if (words === null) return;
      const index = this.index();
      if (index < words.length) words[index] = index === 0 ? lo & ~1 : lo;
      if (this.xlen === 64 && index + 1 < words.length) words[index + 1] = hi;
    }
    this.update();
  }

  /** eip or eie, as selected; null for the reserved numbers, which read 0. */
  private array(what: string): Int32Array | null {
    const { select } = this;
    if (select > IMSIC.EIE63 || select < IMSIC.EIDELIVERY) {
      throw new IrqError('EINVAL', `Illegal instruction: ${what} of ireg while iselect is 0x${select.toString(16)}, which selects no IMSIC register (0x70 to 0xff do).`);
    }
    if (select < IMSIC.EIP0) return null;
    if (this.xlen === 64 && (select & 1) !== 0) {
      throw new IrqError('EINVAL', `Illegal instruction: ${what} of ireg while iselect is 0x${select.toString(16)}; on RV64 only even eip and eie numbers exist, each with 64 identities.`);
    }
    return select < IMSIC.EIE0 ? this.eip : this.eie;
  }

  private index(): number { return this.select & 0x3f; }

  private update(): void {
    const level = this.delivery === 1 && this.topei() !== 0;
    if (level === this.level) return;
    this.level = level;
    this.drive(level);
  }
}
