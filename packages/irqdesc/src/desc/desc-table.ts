import { IrqError } from '@irqchip/smp';
import type { IrqDesc } from './irq-desc.ts';

/** Numbers that a machine can have: descriptors live in one array, so the kernel's INT_MAX is not on offer. @kernel MAX_SPARSE_IRQS */
export const MAX_SPARSE_IRQS: number = 1 << 24;

const FULL = -1;

/**
 * The descriptors of one machine, indexed by irq. A lookup is one array access; a bitmap of used numbers with a summary of
 * its full words keeps the search for free numbers short, however many are used.
 * @kernel sparse_irqs
 */
export class DescTable implements Iterable<IrqDesc> {
  private readonly descs: (IrqDesc | null)[] = [];
  private used: Int32Array = new Int32Array(64);
  private full: Int32Array = new Int32Array(2);
  /** No number below is free. */
  private lowestFree = 0;
  private limit: number;

  constructor(nrIrqs: number) {
    if (!Number.isInteger(nrIrqs) || nrIrqs < 1 || nrIrqs > MAX_SPARSE_IRQS) {
      throw new IrqError('EINVAL', `nrIrqs is ${nrIrqs}; a machine starts with 1 to ${MAX_SPARSE_IRQS} interrupt numbers.`);
    }
    this.limit = nrIrqs;
  }

  /** One above the highest number in use or reserved at boot. Grows. @kernel nr_irqs */
  get nrIrqs(): number { return this.limit; }

  /** The descriptor of `irq`, or null. Any context. @kernel irq_to_desc (the table) */
  get(irq: number): IrqDesc | null {
    return irq >= 0 && irq < this.descs.length ? this.descs[irq] ?? null : null;
  }

  /** The lowest used number at or above `from`, or {@link nrIrqs} if there is none. @kernel irq_find_at_or_after */
  nextIrq(from: number): number {
    const irq = this.nextUsed(Math.max(from, 0));
    return irq < 0 ? this.limit : irq;
  }

  /** All descriptors by ascending number. @kernel for_each_irq_desc */
  *[Symbol.iterator](): IterableIterator<IrqDesc> {
    for (let irq = this.nextUsed(0); irq >= 0; irq = this.nextUsed(irq + 1)) yield this.descs[irq]!;
  }

  /** First number of the lowest free run of `cnt` at or above `from`; may lie beyond {@link nrIrqs}. @kernel irq_find_free_area */
  findFreeRun(from: number, cnt: number): number {
    let start = this.nextFree(Math.max(from, this.lowestFree));
    for (;;) {
      const end = this.nextUsed(start, start + cnt);
      if (end < 0) return start;
      start = this.nextFree(end);
    }
  }

  /** Makes room up to, not including, `nr`. Throws `ENOMEM` above {@link MAX_SPARSE_IRQS}. @kernel irq_expand_nr_irqs */
  expand(nr: number): void {
    if (nr <= this.limit) return;
    if (nr > MAX_SPARSE_IRQS) throw new IrqError('ENOMEM', `A machine has at most ${MAX_SPARSE_IRQS} interrupt numbers; ${nr} would be needed. Free some, or ask for a lower one.`);
    this.limit = nr;
  }

  /** Enters a descriptor under its number, which must be free. */
  insert(desc: IrqDesc): void {
    const { irq } = desc;
    while (this.descs.length <= irq) this.descs.push(null);
    this.descs[irq] = desc;
    const word = irq >>> 5;
    if (word >= this.used.length) this.grow(word);
    if ((this.used[word]! |= 1 << (irq & 31)) === FULL) this.full[word >>> 5]! |= 1 << (word & 31);
    if (irq === this.lowestFree) this.lowestFree = irq + 1;
  }

  remove(irq: number): void {
    this.descs[irq] = null;
    const word = irq >>> 5;
    this.used[word]! &= ~(1 << (irq & 31));
    this.full[word >>> 5]! &= ~(1 << (word & 31));
    if (irq < this.lowestFree) this.lowestFree = irq;
  }

  private grow(word: number): void {
    const words = Math.max(word + 1, this.used.length * 2);
    const used = new Int32Array(words);
    const full = new Int32Array((words + 31) >>> 5);
    used.set(this.used);
    full.set(this.full);
    this.used = used;
    this.full = full;
  }

  private nextFree(from: number): number {
    let word = from >>> 5;
    if (word >= this.used.length) return from;
    const rest = ~this.used[word]! & (-1 << (from & 31));
    if (rest !== 0) return (word << 5) + lowest(rest);
    word = this.nextNotFull(word + 1);
    return word >= this.used.length ? word << 5 : (word << 5) + lowest(~this.used[word]!);
  }

  private nextNotFull(word: number): number {
    let group = word >>> 5;
    if (group >= this.full.length) return word;
    let rest = ~this.full[group]! & (-1 << (word & 31));
    while (rest === 0) {
      if (++group >= this.full.length) return group << 5;
      rest = ~this.full[group]!;
    }
    return (group << 5) + lowest(rest);
  }

  /** The lowest used number at or above `from` and below `to`, or -1. */
  private nextUsed(from: number, to: number = this.descs.length): number {
    const words = Math.min((to + 31) >>> 5, this.used.length);
    let word = from >>> 5;
    if (word >= words) return -1;
    let rest = this.used[word]! & (-1 << (from & 31));
    while (rest === 0) {
      if (++word >= words) return -1;
      rest = this.used[word]!;
    }
    const irq = (word << 5) + lowest(rest);
    return irq < to ? irq : -1;
  }
}

function lowest(bits: number): number { return 31 - Math.clz32(bits & -bits); }
