/**
 * Startup or teardown of a state. Throws `IrqError` to fail. Runs on the control CPU for PREPARE states, on `cpu` with
 * interrupts off for STARTING/DYING states, on `cpu` with interrupts on for ONLINE states.
 */
export type CpuhpCallback = (cpu: number) => void;

/** The same for one instance of a multi-instance state. */
export type CpuhpMultiCallback<T = unknown> = (cpu: number, node: T) => void;

/** What the machine does at the three points where the state machine reaches the hardware. */
export interface HotplugPort {
  /**
   * Control CPU. Starts the CPU. By return the CPU has run `notifyCpuStarting()` with interrupts off, is in the online mask,
   * and idles with interrupts on.
   * @throws IrqError `EIO` or what the firmware answered.
   * @kernel __cpu_up
   */
  bringup(cpu: number): void;
  /**
   * The dying CPU, interrupts off. Takes the CPU out of the online mask, switches its IPIs off, migrates its interrupts.
   * @throws IrqError `EOPNOTSUPP` or another code to refuse; the CPU then stays.
   * @kernel __cpu_disable
   */
  cpuDisable(cpu: number): void;
  /** Control CPU. The DYING callbacks have run: lets the CPU leave. @kernel __cpu_die */
  cpuDead(cpu: number): void;
  /** Whether the CPU may run at all (SMT control); default: yes. @kernel cpu_bootable */
  bootable?(cpu: number): boolean;
  /** Whether the platform can take the CPU away; default: yes. @kernel arch_cpu_is_hotpluggable */
  hotpluggable?(cpu: number): boolean;
}

/**
 * Tracepoints. Called on the CPU that runs the callback, and as in the kernel only while that CPU is in the online mask:
 * STARTING and DYING callbacks are not seen.
 */
export interface CpuhpTrace {
  /** @param callback - kernel-style symbol of the callback. @kernel trace_cpuhp_enter */
  enter(cpu: number, target: number, step: number, callback: string): void;
  /** @kernel trace_cpuhp_multi_enter */
  multiEnter(cpu: number, target: number, step: number, callback: string): void;
  /** @param ret - 0 or the negative errno. @kernel trace_cpuhp_exit */
  exit(cpu: number, state: number, step: number, ret: number): void;
}

/** One line of the state list. */
export interface CpuhpStateEntry {
  readonly state: number;
  readonly name: string;
}
