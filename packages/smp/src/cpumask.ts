import { IrqError } from './error.ts';

/**
 * A set of CPU numbers, 0 … `size - 1`. Mutable, as the kernel's `struct cpumask`.
 *
 * Setting a bit outside the range throws `EINVAL`; testing one is false.
 * @kernel cpumask_t
 */
export class CpuMask {
  /** nr_cpu_ids: how many CPU numbers the mask can hold. */
  readonly size: number;
  private readonly words: Int32Array;

  constructor(size: number, cpus: Iterable<number> = []) {
    if (!Number.isInteger(size) || size < 1) throw new IrqError('EINVAL', `CpuMask: ${size} is not a number of CPUs; give 1 or more.`);
    this.size = size;
    this.words = new Int32Array((size + 31) >>> 5);
    for (const cpu of cpus) this.set(cpu);
  }

  /** A mask of one CPU. @kernel cpumask_of */
  static of(size: number, cpu: number): CpuMask {
    return new CpuMask(size, [cpu]);
  }

  /** Every CPU 0 … size - 1. */
  static all(size: number): CpuMask {
    const mask = new CpuMask(size);
    for (let cpu = 0; cpu < size; cpu++) mask.set(cpu);
    return mask;
  }

  /** @kernel cpumask_set_cpu */
  set(cpu: number): this {
    this.check(cpu);
    this.words[cpu >>> 5]! |= 1 << (cpu & 31);
    return this;
  }

  /** @kernel cpumask_clear_cpu */
  clear(cpu: number): this {
    this.check(cpu);
    this.words[cpu >>> 5]! &= ~(1 << (cpu & 31));
    return this;
  }

  /** @kernel cpumask_test_cpu */
  test(cpu: number): boolean {
    return cpu >= 0 && cpu < this.size && (this.words[cpu >>> 5]! & (1 << (cpu & 31))) !== 0;
  }

  /** Takes over the members of `other`. @kernel cpumask_copy */
  copy(other: CpuMask): this {
    for (let i = 0; i < this.words.length; i++) this.words[i] = other.words[i] ?? 0;
    return this.clip();
  }

  /** Removes every member. @kernel cpumask_clear */
  clearAll(): this {
    this.words.fill(0);
    return this;
  }

  /** A copy that may be changed without changing this one. */
  clone(): CpuMask {
    return new CpuMask(this.size).copy(this);
  }

  /** A new mask with the members of both. @kernel cpumask_and */
  and(other: CpuMask): CpuMask {
    const result = new CpuMask(this.size);
    for (let i = 0; i < this.words.length; i++) result.words[i] = this.words[i]! & (other.words[i] ?? 0);
    return result;
  }

  /** A new mask with the members of either. @kernel cpumask_or */
  or(other: CpuMask): CpuMask {
    const result = new CpuMask(this.size);
    for (let i = 0; i < this.words.length; i++) result.words[i] = this.words[i]! | (other.words[i] ?? 0);
    return result.clip();
  }

  /** A new mask with the members that `other` lacks. @kernel cpumask_andnot */
  andNot(other: CpuMask): CpuMask {
    const result = new CpuMask(this.size);
    for (let i = 0; i < this.words.length; i++) result.words[i] = this.words[i]! & ~(other.words[i] ?? 0);
    return result;
  }

  /** @kernel cpumask_empty */
  isEmpty(): boolean {
    for (let i = 0; i < this.words.length; i++) if (this.words[i] !== 0) return false;
    return true;
  }

  /** @kernel cpumask_equal */
  equals(other: CpuMask): boolean {
    return this.isSubsetOf(other) && other.isSubsetOf(this);
  }

  /** Whether every member is in `other`. @kernel cpumask_subset */
  isSubsetOf(other: CpuMask): boolean {
    for (let i = 0; i < this.words.length; i++) if (this.words[i]! & ~(other.words[i] ?? 0)) return false;
    return true;
  }

  /** @kernel cpumask_intersects */
  intersects(other: CpuMask): boolean {
    for (let i = 0; i < this.words.length; i++) if (this.words[i]! & (other.words[i] ?? 0)) return true;
    return false;
  }

  /** How many members. @kernel cpumask_weight */
  weight(): number {
    let count = 0;
    for (let i = 0; i < this.words.length; i++) for (let word = this.words[i]!; word !== 0; word &= word - 1) count++;
    return count;
  }

  /** The lowest member, or `size` if there is none. @kernel cpumask_first */
  first(): number {
    return this.next(-1);
  }

  /** The lowest member above `cpu`, or `size` if there is none. Allocates nothing: the iterator of delivery paths. @kernel cpumask_next */
  next(cpu: number): number {
    const from = cpu + 1;
    let index = from >>> 5;
    if (index >= this.words.length) return this.size;
    let word = this.words[index]! & (-1 << (from & 31));
    while (word === 0) {
      if (++index >= this.words.length) return this.size;
      word = this.words[index]!;
    }
    return (index << 5) + 31 - Math.clz32(word & -word);
  }

  /** Ascending members. @kernel for_each_cpu */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let cpu = this.first(); cpu < this.size; cpu = this.next(cpu)) yield cpu;
  }

  /** Members as the kernel's list format, `0-3,8`; empty for none. @kernel cpumap_print_list_to_buf */
  toList(): string {
    const ranges: string[] = [];
    for (let cpu = this.first(); cpu < this.size; cpu = this.next(cpu)) {
      const start = cpu;
      while (this.test(cpu + 1)) cpu++;
      ranges.push(start === cpu ? `${start}` : `${start}-${cpu}`);
    }
    return ranges.join(',');
  }

  /** Members as the kernel's hexadecimal format: groups of 32 bits, `f` or `1,00000000`. @kernel cpumap_print_bitmask_to_buf */
  toHex(): string {
    const digits = ((this.size - 1) & 31) >>> 2;
    return Array.from(this.words, (word, index) => {
      const width = index === this.words.length - 1 ? digits + 1 : 8;
      return (word >>> 0).toString(16).padStart(width, '0');
    }).reverse().join(',');
  }

  /** The same as {@link toList}. */
  toString(): string {
    return this.toList();
  }

  /** Drops what a larger mask had above this one's last CPU. */
  private clip(): this {
    const last = this.words.length - 1;
    this.words[last]! &= -1 >>> (31 - ((this.size - 1) & 31));
    return this;
  }

  private check(cpu: number): void {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.size) {
      throw new IrqError('EINVAL', `CPU ${cpu} does not exist: this machine numbers its CPUs 0 to ${this.size - 1}.`);
    }
  }
}
