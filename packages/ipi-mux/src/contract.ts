import type { CpuhpStateName } from '@irqchip/cpuhp';
import type { CpuMask } from '@irqchip/smp';

/** BITS_PER_LONG: how many vIPIs a mux has when nobody says otherwise, and the most it can have. */
export const IPI_MUX_NR_IRQS = 64;

/**
 * The merged contract: the driver owns its parent interrupt, acknowledges it, and calls {@link IpiMux.process}.
 * @kernel ipi_mux_create (its arguments, merged contract)
 */
export interface IpiMuxContract {
  /** How many vIPIs, 1 to 64. */
  readonly nrIpi: number;
  /**
   * Rings the doorbell of `cpu`: makes the parent interrupt pending there. Must order the caller's earlier memory accesses
   * before the doorbell, must work for the calling CPU itself, and from any context, hard irq included.
   */
  readonly send: (cpu: number) => void;
  /** What tells this parent from others on the same machine; without it there is one mux a machine, as in the kernel. */
  readonly parent?: unknown;
}

/** The two operations of the patch as posted. */
export interface IpiMuxOps {
  /**
   * Makes the parent quiescent on the running CPU, so that a doorbell that arrives later raises it again. Called at the
   * start of every process, before a full barrier that orders device accesses too.
   */
  clear(parentVirq: number): void;
  /** Rings the doorbell of every CPU in `mask`. `mask` is the mux's own: read it, do not keep it. */
  send(parentVirq: number, mask: CpuMask): void;
}

/** The contract of the patch as posted: with a parent, the mux installs the chained handler and its hotplug state itself. */
export interface IpiMuxPatchContract {
  /** The per-CPU parent interrupt; 0 when the driver calls {@link IpiMux.process} itself. */
  readonly parentVirq: number;
  readonly ops: IpiMuxOps;
  /** Default {@link IPI_MUX_NR_IRQS}. */
  readonly nrIpi?: number;
  /**
   * Where in a CPU's bring-up the parent is enabled. As posted: CPUHP_AP_ONLINE_DYN. A STARTING state leaves no window in
   * which the CPU is online and deaf.
   */
  readonly hotplugState?: CpuhpStateName;
}

/** Told of every send and dispatch while somebody watches; `null` while nobody does. */
export interface IpiMuxTrace {
  /** A vIPI was sent to `cpu`. `merged`: it was pending there already. `rang`: the doorbell was rung for it. */
  raise(cpu: number, hwirq: number, merged: boolean, rang: boolean): void;
  /** `cpu` took a vIPI and is about to run its handler. */
  entry(cpu: number, hwirq: number): void;
}
