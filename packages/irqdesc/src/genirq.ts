import { CpuMask, IrqError, serviceToken, type ServiceToken, type Smp } from '@irqchip/smp';
import { makeChainedAction } from './flow/chained-action.ts';
import { ChainedCalls, reportOpenCalls } from './flow/chained-calls.ts';
import { DescTable } from './desc/desc-table.ts';
import type { IrqAction, IrqDesc } from './desc/irq-desc.ts';
import { IrqThreads } from './manage/irq-threads.ts';
import type { IrqTrace } from './trace.ts';
import { ResendQueue } from './resend/resend-queue.ts';
import { misroutedIrq } from './spurious/poll.ts';
import { SpuriousState } from './spurious/state.ts';

/** Which kernel's formats and numbers to follow. */
export type LinuxVersion = '6.12' | '7.2';

export interface GenirqOptions {
  /** Default '6.12'. */
  linux?: LinuxVersion;
  /** NR_IRQS at boot; grows when needed. Default 64. */
  nrIrqs?: number;
  /** `irqaffinity=`; the boot CPU is always added. Default: all CPUs. */
  defaultAffinity?: CpuMask;
  /** Boot parameter `noirqdebug`. */
  noirqdebug?: boolean;
  /** Boot parameter `threadirqs`. */
  threadirqs?: boolean;
  /** Boot parameters `irqfixup` (1) and `irqpoll` (2): look for unhandled interrupts on other lines. Default 0. */
  irqfixup?: 0 | 1 | 2;
  /** `isolcpus=managed_irq,`: the CPUs that managed interrupts prefer. Default: no isolation. */
  managedIrqHousekeeping?: CpuMask;
  /** The CPUs of a NUMA node, null for a node without any. Default: one node with all CPUs. */
  cpumaskOfNode?: (node: number) => CpuMask | null;
  /** CONFIG_NUMA: without it every interrupt is on node 0. Default true. */
  numa?: boolean;
}

/** The interrupt core of one machine: its descriptors and its root handler. */
export class Genirq {
  readonly smp: Smp;
  readonly linux: LinuxVersion;
  readonly noirqdebug: boolean;
  readonly threadirqs: boolean;
  readonly numa: boolean;
  readonly descs: DescTable;
  /** @kernel irq_default_affinity */
  readonly defaultAffinity: CpuMask;
  /** CPUs that managed interrupts prefer, null without isolation. @kernel housekeeping_cpumask */
  readonly managedIrqHousekeeping: CpuMask | null;
  /** What the detector of unhandled interrupts knows of the whole machine. */
  readonly spurious: SpuriousState;
  /** @kernel cpumask_of_node */
  readonly cpumaskOfNode: (node: number) => CpuMask | null;
  /** Descriptors whose affinity notifier is still to be told. */
  readonly affinityWork: IrqDesc[] = [];
  private readonly cpumasks: CpuMask[] = [];
  /** Told of every handler run while somebody watches, null while nobody does. */
  trace: IrqTrace | null = null;
  /** Interrupt threads that were woken and wait for a task context. */
  readonly threads: IrqThreads;
  /** Interrupts to be replayed by software. */
  readonly resends: ResendQueue;
  /** Stands as the action of every interrupt with a demultiplexing handler. @kernel chained_action */
  readonly chainedAction: IrqAction;
  /** Which chained handlers are being run. */
  readonly chainedCalls: ChainedCalls;
  private rootHandler: ((cause: number) => void) | null = null;

  constructor(smp: Smp, options: GenirqOptions = {}) {
    this.smp = smp;
    this.linux = options.linux ?? '6.12';
    this.noirqdebug = options.noirqdebug ?? false;
    this.threadirqs = options.threadirqs ?? false;
    this.defaultAffinity = options.defaultAffinity?.clone() ?? CpuMask.all(smp.cpus.nrCpuIds);
    this.defaultAffinity.set(smp.cpus.current);
    this.managedIrqHousekeeping = options.managedIrqHousekeeping?.clone() ?? null;
    this.cpumaskOfNode = options.cpumaskOfNode ?? (() => null);
    this.spurious = new SpuriousState(options.irqfixup ?? 0, misroutedIrq);
    this.numa = options.numa ?? true;
    this.descs = new DescTable(options.nrIrqs ?? 64);
    this.threads = new IrqThreads(smp.cpus);
    this.resends = new ResendQueue(smp.cpus);
    this.chainedAction = makeChainedAction(smp.diagnostics);
    this.chainedCalls = new ChainedCalls();
  }

  /** The descriptor of `irq`, or null. Any context. @kernel irq_to_desc */
  irqToDesc(irq: number): IrqDesc | null {
    return this.descs.get(irq);
  }

  /** The mask of `cpu` alone, made once and shared: never change it. Allocates nothing after the first call. @kernel cpumask_of (shared) */
  cpumaskOf(cpu: number): CpuMask {
    return this.cpumasks[cpu] ?? (this.cpumasks[cpu] = CpuMask.of(this.smp.cpus.nrCpuIds, cpu));
  }

  /**
   * Installs the handler that every trap enters, once a machine.
   * @throws IrqError `EBUSY` when there is one already.
   * @kernel set_handle_irq
   */
  setHandleIrq(handler: (cause: number) => void): void {
    if (this.rootHandler) throw new IrqError('EBUSY', 'A root interrupt handler is installed already; a machine has one root controller.');
    this.rootHandler = handler;
  }

  /** Whether {@link setHandleIrq} was called; without it the kernel panics. */
  get hasRootHandler(): boolean { return this.rootHandler !== null; }

  /**
   * Enters hard irq context and runs the root handler. The trap has switched interrupts off; a handler that leaves them on is a 'context'
   * finding, as is a chained handler that was entered and not left; a lock that was taken and not released is one of 'lock-order'.
   * @kernel generic_handle_arch_irq
   */
  handleArchIrq(cause: number): void {
    const { smp: { cpus, diagnostics, lockOrder }, chainedCalls } = this;
    const cpu = cpus.current;
    const held = lockOrder.innermost[cpu]!;
    const { open } = chainedCalls;
    cpus.irqEnter();
    try {
      this.rootHandler!(cause);
    } finally {
      cpus.irqExit();
    }
    if (chainedCalls.open !== open) reportOpenCalls(this, cpu, open);
    if (lockOrder.innermost[cpu] !== held) lockOrder.reportTakenSince(cpu, held);
    if (cpus.irqsDisabled()) return;
    diagnostics.report('context', `handleArchIrq: the root handler came back from cause ${cause} with interrupts on, on CPU${cpus.current}.`);
    cpus.localIrqDisable();
  }
}

/** The machine's {@link Genirq} in the container. */
export const GENIRQ: ServiceToken<Genirq> = serviceToken<Genirq>('genirq-core', 'Genirq');

/** How the machine's {@link Genirq} is to behave, in the container; may be left unbound. */
export const GENIRQ_OPTIONS: ServiceToken<GenirqOptions> = serviceToken<GenirqOptions>('genirq-core', 'GenirqOptions');
