/** The messages one CPU sends another; each is one virtual IPI, in this order. @kernel ipi_message_type, IPI_* */
export const IPI = {
  RESCHEDULE: 0,
  CALL_FUNC: 1,
  CPU_STOP: 2,
  CPU_CRASH_STOP: 3,
  IRQ_WORK: 4,
  TIMER: 5,
  CPU_BACKTRACE: 6,
  KGDB_ROUNDUP: 7,
} as const;

export type IpiMessage = (typeof IPI)[keyof typeof IPI];

/** @kernel IPI_MAX */
export const IPI_MAX = 8;

/** What /proc/interrupts and traces call them. @kernel ipi_names */
export const IPI_NAMES: readonly string[] = [
  'Rescheduling interrupts',
  'Function call interrupts',
  'CPU stop interrupts',
  'CPU stop (for crash dump) interrupts',
  'IRQ work interrupts',
  'Timer broadcast interrupts',
  'CPU backtrace interrupts',
  'KGDB roundup interrupts',
];
