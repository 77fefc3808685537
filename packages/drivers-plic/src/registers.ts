/** Offsets of a PLIC from its base: riscv-plic-spec, chapter "Memory Map". Every register is 32 bits wide. */
export const PLIC = {
  /** Sources 1 … 1023; number 0 stands for "none". */
  MAX_SOURCE: 1023,
  /** Contexts 0 … 15871. */
  MAX_CONTEXTS: 15872,
  /** One word a source, 0 = never. Chapter "Interrupt Priorities". */
  PRIORITY: 0x0,
  PRIORITY_STRIDE: 4,
  /** One bit a source, read-only. Chapter "Interrupt Pending Bits". */
  PENDING: 0x1000,
  /** One bit a source, for each context. Chapter "Interrupt Enables". */
  ENABLE: 0x2000,
  ENABLE_STRIDE: 0x80,
  /** Two words for each context. */
  CONTEXT: 0x200000,
  CONTEXT_STRIDE: 0x1000,
  /** Priorities up to this one do not notify. Chapter "Priority Thresholds". */
  THRESHOLD: 0x0,
  /** Read: claim; write: complete. Chapters "Interrupt Claim Process" and "Interrupt Completion". */
  CLAIM: 0x4,
} as const;
