/**
 * What `expect` learns. Lines are what `line()` gives; requests what `request()` gives; benches are benches. Matchers that take a
 * CPU want one for per-CPU lines, and none for others.
 */
export interface IrqMatchers<R> {
  /** A request: its handler ran so many times. A line: /proc/interrupts counts so many. */
  toHaveFired(times: number): R;
  /** A request: every run was on this CPU, and there was one. A line: so it was counted. */
  toHaveRunOn(cpu: number): R;
  /** A line: it came and is still to be handled (IRQS_PENDING, or its chip says so). */
  toBePending(cpu?: number): R;
  /** A line: IRQD_IRQ_MASKED, the core's software flag. Of a per-CPU line: that CPU has not enabled it. Whether the controller masks, {@link IrqMatchers.toStayMasked} tells. */
  toBeMasked(cpu?: number): R;
  /** A line: raised and lowered, as this does, it does not reach its flow handler. The controller may remember that it was. */
  toStayMasked(cpu?: number): R;
  /** A line: not IRQD_IRQ_DISABLED; of a per-CPU line: enabled by that CPU. */
  toBeEnabled(cpu?: number): R;
  /** A line: the CPUs that it may go to, `0-3`. */
  toHaveAffinity(cpus: number | string): R;
  /** A line: the CPUs that it does go to. */
  toHaveEffectiveAffinity(cpus: number | string): R;
  /** A bench: nothing was found that is still to be expected. */
  toHaveNoDiagnostics(): R;
  /** A bench: something of this kind, or with this text, was found; it is taken and no longer fails the test. */
  toHaveReported(what: string | RegExp): R;
  /** A bench: /proc/interrupts has this row, whatever the blanks between columns, or one that matches. */
  toPrintInterrupts(row: string | RegExp): R;
  /** A bench: its controller's output is down. */
  toBeQuiet(): R;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- @types/jest is extended this way
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- its parameters, and nothing else
    interface Matchers<R, T> extends IrqMatchers<R> {}
  }
}
