const ALL_ONES_32 = 0xffff_ffff;

/** Whether `hart_mask_base` stands for every hart, whatever the mask: all ones. */
export function namesAllHarts(base: number, xlen: 32 | 64): boolean {
  return base === -1 || (xlen === 32 && base === ALL_ONES_32);
}

/** The first set bit at or above `from` of the mask `hi:lo`, or `xlen` if there is none. On RV32 `hi` does not exist. */
export function nextBit(lo: number, hi: number, from: number, xlen: 32 | 64): number {
  for (let bit = from; bit < xlen; bit++) {
    if (((bit < 32 ? lo : hi) & (1 << (bit & 31))) !== 0) return bit;
  }
  return xlen;
}

/** Whether every hart that the mask names exists. The base itself need not exist unless its bit is set. */
export function maskIsValid(lo: number, hi: number, base: number, xlen: 32 | 64, hartids: ReadonlySet<number>): boolean {
  for (let bit = nextBit(lo, hi, 0, xlen); bit < xlen; bit = nextBit(lo, hi, bit + 1, xlen)) {
    if (!hartids.has(base + bit)) return false;
  }
  return true;
}
