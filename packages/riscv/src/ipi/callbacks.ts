/** What the machine, or a test, does when an IPI arrives. Hard irq context, interrupts off, on the CPU that got it. */
export interface IpiCallbacks {
  /** @kernel scheduler_ipi */
  reschedule?(cpu: number): void;
  /** The CPU was marked offline and is to run nothing more. @kernel ipi_stop */
  stop?(cpu: number): void;
  /** The CPU is to save its registers and run nothing more. @kernel ipi_cpu_crash_stop */
  crashStop?(cpu: number): void;
  /** @kernel tick_receive_broadcast (what the IPI calls) */
  timerBroadcast?(cpu: number): void;
  /** @kernel nmi_cpu_backtrace */
  backtrace?(cpu: number): void;
  /** @kernel kgdb_nmicallback */
  kgdbRoundup?(cpu: number): void;
}
