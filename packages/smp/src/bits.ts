/** Set bits of a 32-bit pattern, ascending. @kernel for_each_set_bit */
export function* bits(word: number): IterableIterator<number> {
  for (let rest = word | 0; rest !== 0; rest &= rest - 1) yield 31 - Math.clz32(rest & -rest);
}

/** Number of the lowest set bit of a non-zero 32-bit pattern; allocates nothing. @kernel __ffs */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
