/** How a generic chip is set up. @kernel irq_gc_flags, IRQ_GC_* */
export const IRQ_GC = {
  /** Read the mask register to learn which lines are off. */
  INIT_MASK_CACHE: 0x1,
  /** Lines are locked inside their parent's lock; accepted, since locks here know no classes. */
  INIT_NESTED_LOCK: 0x2,
  /** Each chip type has a mask register of its own. */
  MASK_CACHE_PER_TYPE: 0x4,
  /** Leave `data.mask` alone. */
  NO_MASK: 0x8,
  /** Registers are big-endian. */
  BE_IO: 0x10,
} as const;
