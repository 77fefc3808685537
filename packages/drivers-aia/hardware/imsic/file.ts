import { IrqError } from '@irqchip/smp';
import { IMSIC } from '../../src/registers.ts';
import type { ImsicOptions } from './options.ts';

/** The part of {@link ImsicOptions} that concerns a single file. */
export type ImsicFileOptions = Pick<ImsicOptions, 'alternateDelivery' | 'illegalCsr' | 'pulses'>;

/**
 * One interrupt file: what is pending, what is enabled, and whether the hart hears of it. All values are 32-bit patterns;
 * on RV64 the eip and eie registers come as a low and a high half.
 */
export class ImsicFile {
  readonly nrIds: number;
  /** `eidelivery`: 0, 1, or 0x40000000 where the file can stand aside (AIA 3.8.1). */
  delivery: number;
  /** `eithreshold`: identities of this number and above do not signal; 0 lets all through (AIA 3.8.2). */
  threshold = 0;
  /** `iselect` of the hart, as far as this file is concerned. */
  select = 0;
  private readonly eip: Int32Array;
  private readonly eie: Int32Array;
  private readonly xlen: 32 | 64;
  private readonly drive: (level: boolean) => void;
  private readonly options: ImsicFileOptions;
  private level = false;
  private other = false;

  /** @param drive - called when the external interrupt line of the hart changes. */
  constructor(nrIds: number, xlen: 32 | 64, drive: (level: boolean) => void, options: ImsicFileOptions = {}) {
    this.nrIds = nrIds;
    this.xlen = xlen;
    this.drive = drive;
    this.options = options;
    this.delivery = options.alternateDelivery ? IMSIC.EIDELIVERY_ALTERNATE : 0;
    this.eip = new Int32Array((nrIds + 1) >>> 5);
    this.eie = new Int32Array((nrIds + 1) >>> 5);
  }

  /** A message with `id` arrives. Identity 0 and those that are not implemented are ignored (AIA 3.5). */
  setPending(id: number): void {
    if (id >= 1 && id <= this.nrIds) this.eip[id >>> 5]! |= 1 << (id & 31);
    this.update();
  }

  isPending(id: number): boolean {
    return ((this.eip[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  isEnabled(id: number): boolean {
    return ((this.eie[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  /** The signal of the PLIC or APLIC that {@link delivery} 0x40000000 lets through. */
  setAlternate(level: boolean): void {
    this.other = level;
    this.update();
  }

  /** The lowest identity that is pending, enabled and below the threshold, in both halves of the word; else 0 (AIA 3.9). */
  topei(): number {
    if (this.options.pulses) this.update();
    return this.top();
  }

  /** Any write to `topei`: the identity that it reports now is no longer pending. Returns what was reported (AIA 3.9). */
  claim(): number {
    const top = this.top();
    const id = top & IMSIC.MAX_ID;
    if (id !== 0) this.eip[id >>> 5]! &= ~(1 << (id & 31));
    this.update();
    return top;
  }

  /** Low half of the register that `iselect` names (AIA 3.8). */
  readIreg(): number {
    const { select } = this;
    if (this.options.pulses) this.update();
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
    if (select === IMSIC.EIDELIVERY) this.delivery = this.legalDelivery(lo);
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

  private legalDelivery(value: number): number {
    return this.options.alternateDelivery && value === IMSIC.EIDELIVERY_ALTERNATE ? value : value & 1;
  }

  private top(): number {
    const limit = this.threshold === 0 ? this.nrIds + 1 : this.threshold;
    for (let k = 0; k < this.eip.length; k++) {
      const word = this.eip[k]! & this.eie[k]!;
      if (word === 0) continue;
      const id = (k << 5) + 31 - Math.clz32(word & -word);
      return id < limit ? (id << IMSIC.TOPEI_ID_SHIFT) | id : 0;
    }
    return 0;
  }

  /** eip or eie, as selected; null for the reserved numbers, which read 0. */
  private array(what: string): Int32Array | null {
    const { select } = this;
    if (select > IMSIC.EIE63 || select < IMSIC.EIDELIVERY) return this.illegal(what, 'which selects no IMSIC register (0x70 to 0xff do).');
    if (select < IMSIC.EIP0) return null;
    if (this.xlen === 64 && (select & 1) !== 0) return this.illegal(what, 'and on RV64 only even eip and eie numbers exist, each with 64 identities.');
    return select < IMSIC.EIE0 ? this.eip : this.eie;
  }

  private illegal(what: string, why: string): null {
    if (this.options.illegalCsr === 'ignore') return null;
    throw new IrqError('EINVAL', `Illegal instruction: ${what} of ireg while iselect is 0x${this.select.toString(16)}, ${why}`);
  }

  private index(): number { return this.select & 0x3f; }

  /** AIA 3.10. */
  private update(): void {
    const level = this.delivery === 1 ? this.top() !== 0 : this.delivery === IMSIC.EIDELIVERY_ALTERNATE && this.other;
    if (level && this.level && this.options.pulses) this.drive(false);
    else if (level === this.level) return;
    this.level = level;
    this.drive(level);
  }
}
