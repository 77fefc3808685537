/**
 * A mapped register region as a driver sees it. Offsets and sizes in bytes; values are signed 32-bit patterns.
 * `readl`/`writel` order device and memory accesses as the kernel's do; the `Relaxed` forms order device accesses to the
 * same device only. Every access is a point at which a deliverable interrupt may be taken.
 *
 * An access outside the region throws `EFAULT`, an unaligned one `EINVAL`.
 */
export interface MmioRegion {
  /** Physical address of offset 0. */
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  /** A 32-bit word; with bit 31 set it is negative, as `1 << 31` is. `>>> 0` shows it as C would. @kernel readl */
  readl(offset: number): number;
  /** Of `value` the low 32 bits. @kernel writel */
  writel(offset: number, value: number): void;
  /** An unsigned byte. What a device makes of an access that is no whole word is its own affair. @kernel readb */
  readb(offset: number): number;
  /** @kernel writeb */
  writeb(offset: number, value: number): void;
  /** An unsigned halfword, at an even offset. @kernel readw */
  readw(offset: number): number;
  /** @kernel writew */
  writew(offset: number, value: number): void;
  /** @kernel readl_relaxed */
  readlRelaxed(offset: number): number;
  /** @kernel writel_relaxed */
  writelRelaxed(offset: number, value: number): void;
  /**
   * Reads, sets `bits`, writes back, under a lock of the region's own and with interrupts off, as a regmap with `fast_io` does: two lines
   * that two CPUs mask at once lose neither. Do not mix with a lock of yours around {@link readl} and {@link writel} of the same register.
   * @kernel regmap_set_bits
   */
  setl(offset: number, bits: number): void;
  /** Reads, clears `bits`, writes back; as {@link setl}. @kernel regmap_clear_bits */
  clearl(offset: number, bits: number): void;
}

/** A register-level device model on the bus. Called with naturally aligned offsets inside the region only. */
export interface MmioDevice {
  /** Value of `width` bytes (1, 2, 4 or 8) at `offset`; for 8 bytes the low word, the high one through another read at +4. The bus takes the low bits. */
  read(offset: number, width: number): number;
  /** `value` is unsigned for 1 and 2 bytes, signed for a word. */
  write(offset: number, width: number, value: number): void;
}
