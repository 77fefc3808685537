import {
  disablePercpuIrq, enablePercpuIrq, IRQ, IRQ_HANDLED, IRQ_TYPE, rawIpiSendMask, rawIpiSendSingle, requestPercpuIrq,
  setStatusFlags, type Genirq, type IrqDesc,
} from '@irqchip/genirq-core';
import { IrqError, PerCpu, serviceToken, type CpuMask, type ServiceToken, type Smp } from '@irqchip/smp';
import { CallNodes, type SmpCallFunc } from '../calls/call-node.ts';
import { IrqWorks, type IrqWork } from '../calls/irq-work.ts';
import { SmpCalls } from '../calls/smp-calls.ts';
import { CpuBacktrace } from './backtrace.ts';
import type { IpiCallbacks } from './callbacks.ts';
import { IPI, IPI_MAX, type IpiMessage, IPI_NAMES } from './messages.ts';
import { showIpiStats } from './show.ts';
import { CpuStop } from './stop.ts';

/** Who watches the messages. */
export interface RiscvIpiTrace {
  /** A message is about to be sent to one CPU. Any context. */
  raise(cpu: number, op: IpiMessage): void;
}

/**
 * The architecture's IPI layer: eight messages over eight consecutive virqs that an IPI provider hands in
 * (arch/riscv/kernel/smp.c), and what rides on them: function calls, irq work, stopping, backtraces.
 */
export class RiscvIpi {
  readonly calls: SmpCalls;
  readonly irqWorks: IrqWorks;
  readonly cpuStop: CpuStop;
  readonly cpuBacktrace: CpuBacktrace;
  /** Who is told of every message, for each CPU that it goes to; null while nobody watches. */
  trace: RiscvIpiTrace | null = null;
  private readonly smp: Smp;
  private readonly callbacks: IpiCallbacks = {};
  private readonly descs: (IrqDesc | null)[] = new Array<IrqDesc | null>(IPI_MAX).fill(null);
  private readonly dummyDev = new PerCpu<number>((cpu) => cpu);
  private virqBase = 0;
  private nrIpi = 0;

  constructor(private readonly genirq: Genirq, smp: Smp) {
    this.smp = smp;
    const nodes = new CallNodes(smp);
    this.calls = new SmpCalls(smp, nodes, {
      single: (cpu) => this.sendSingle(cpu, IPI.CALL_FUNC),
      mask: (mask) => this.sendMask(mask, IPI.CALL_FUNC),
      irqWork: (work) => this.irqWorks.runOne(work),
    });
    this.irqWorks = new IrqWorks(smp, nodes, {
      raiseSelf: (cpu) => this.sendSingle(cpu, IPI.IRQ_WORK),
      callSingleQueue: (cpu, node) => this.calls.callSingleQueue(cpu, node),
    });
    const send = (mask: CpuMask, op: IpiMessage): void => this.sendMask(mask, op);
    this.cpuStop = new CpuStop(smp, this.callbacks, send);
    this.cpuBacktrace = new CpuBacktrace(smp, this.callbacks, send);
  }

  /** Adds or replaces what happens when a message arrives. */
  attach(callbacks: IpiCallbacks): void { Object.assign(this.callbacks, callbacks); }

  /** Whether a provider was found. @kernel riscv_ipi_have_virq_range */
  get haveVirqRange(): boolean { return this.virqBase !== 0; }

  /** The Linux numbers of the messages, in their order; none without a provider. */
  get virqs(): number[] { return Array.from({ length: this.nrIpi }, (_, op) => this.virqBase + op); }

  /** CPUs that a stop message took away. */
  get stopped(): CpuMask { return this.cpuStop.stopped; }

  /**
   * Takes over `nr` consecutive virqs for the messages, requests them and enables them on the calling CPU. The first range
   * wins: a second call is reported and ignored. Fewer than eight are reported and used.
   * Task context, the boot CPU.
   * @kernel riscv_ipi_set_virq_range
   */
  setVirqRange(virq: number, nr: number): void {
    const { diagnostics } = this.smp;
    if (diagnostics.warnOn(this.virqBase !== 0, `riscv_ipi_set_virq_range: IPIs are virqs ${this.virqBase} and up already; ${virq} comes too late.`)) return;
    diagnostics.warnOn(nr < IPI_MAX, `riscv_ipi_set_virq_range: ${nr} virqs cannot carry ${IPI_MAX} messages.`);
    this.nrIpi = Math.min(nr, IPI_MAX);
    this.virqBase = virq;
    for (let i = 0; i < this.nrIpi; i++) this.requestIpi(i);
    this.enable();
  }

  /** Unmasks the messages on the calling CPU. @kernel riscv_ipi_enable */
  enable(): void {
    if (this.smp.diagnostics.warnOnce(this.virqBase === 0, 'riscv_ipi_enable: there is no IPI provider.')) return;
    for (let i = 0; i < this.nrIpi; i++) enablePercpuIrq(this.genirq, this.virqBase + i, IRQ_TYPE.NONE);
  }

  /** Masks the messages on the calling CPU; what is sent meanwhile is kept. @kernel riscv_ipi_disable */
  disable(): void {
    if (this.smp.diagnostics.warnOnce(this.virqBase === 0, 'riscv_ipi_disable: there is no IPI provider.')) return;
    for (let i = 0; i < this.nrIpi; i++) disablePercpuIrq(this.genirq, this.virqBase + i);
  }

  /** Sends one message to every CPU of `mask`, online or not. Any context. @kernel send_ipi_mask */
  sendMask(mask: CpuMask, op: IpiMessage): void {
    const desc = this.descs[op];
    if (!desc) return this.noProvider(op);
    if (this.trace !== null) for (const cpu of mask) this.trace.raise(cpu, op);
    rawIpiSendMask(desc, mask);
  }

  /** Sends one message to one CPU, also to itself. Any context. @kernel send_ipi_single */
  sendSingle(cpu: number, op: IpiMessage): void {
    const desc = this.descs[op];
    if (!desc) return this.noProvider(op);
    if (this.trace !== null) this.trace.raise(cpu, op);
    rawIpiSendSingle(desc, cpu);
  }

  /** Makes a CPU look at its run queue. Any context. @kernel arch_smp_send_reschedule */
  sendReschedule(cpu: number): void { this.sendSingle(cpu, IPI.RESCHEDULE); }

  /** Runs `fn(info)` on `cpu`; see {@link SmpCalls.single}. @throws IrqError `ENXIO`, `EDEADLK`. @kernel smp_call_function_single */
  smpCallFunctionSingle(cpu: number, fn: SmpCallFunc, info: unknown = null, wait = true): void {
    this.calls.single(cpu, fn, info, wait);
  }

  /** Runs `fn(info)` on the online CPUs of `mask` but this one. @throws IrqError `EDEADLK`. @kernel smp_call_function_many */
  smpCallFunctionMany(mask: CpuMask, fn: SmpCallFunc, info: unknown = null, wait = true): void {
    this.calls.many(mask, fn, info, wait);
  }

  /** Runs `fn(info)` on every other online CPU. @throws IrqError `EDEADLK`. @kernel smp_call_function */
  smpCallFunction(fn: SmpCallFunc, info: unknown = null, wait = true): void {
    this.calls.many(this.smp.cpus.online, fn, info, wait);
  }

  /** Runs `fn(info)` on every online CPU, this one included. @throws IrqError `EDEADLK`. @kernel on_each_cpu */
  onEachCpu(fn: SmpCallFunc, info: unknown = null, wait = true): void {
    this.calls.onEachCpuMask(this.smp.cpus.online, fn, info, wait);
  }

  /** @kernel init_irq_work */
  initIrqWork(func: (work: IrqWork) => void): IrqWork { return this.irqWorks.make(func); }

  /** @kernel irq_work_queue */
  irqWorkQueue(work: IrqWork): boolean { return this.irqWorks.queue(work); }

  /** @kernel irq_work_queue_on */
  irqWorkQueueOn(work: IrqWork, cpu: number): boolean { return this.irqWorks.queueOn(work, cpu); }

  /** @kernel smp_send_stop */
  sendStop(): void { this.cpuStop.sendStop(); }

  /** @kernel crash_smp_send_stop */
  crashSendStop(): void { this.cpuStop.crashSendStop(); }

  /** Runs the tick handler of CPUs whose own timer sleeps. @kernel tick_broadcast */
  tickBroadcast(mask: CpuMask): void { this.sendMask(mask, IPI.TIMER); }

  /** @kernel arch_trigger_cpumask_backtrace */
  triggerBacktrace(mask: CpuMask, excludeCpu = -1): void { this.cpuBacktrace.trigger(mask, excludeCpu); }

  /** Calls every other online CPU into the debugger. @kernel kgdb_roundup_cpus */
  kgdbRoundupCpus(): void {
    const { cpus } = this.smp;
    for (const cpu of cpus.online) if (cpu !== cpus.current) this.sendSingle(cpu, IPI.KGDB_ROUNDUP);
  }

  /**
   * The running CPU dies: runs what others still asked of it. Interrupts off, already out of the online mask.
   * @kernel smpcfd_dying_cpu
   */
  smpcfdDying(): void {
    this.calls.flush(false);
    this.irqWorks.run();
  }

  /** The rows below the numeric ones in /proc/interrupts. @param prec - width of the number column. @kernel arch_show_interrupts */
  archShowInterrupts(prec: number): string {
    return showIpiStats(this.descs, this.smp.cpus.online, prec, this.genirq.linux);
  }

  private requestIpi(i: number): void {
    const virq = this.virqBase + i;
    // Older kernels request them all under one name.
    const name = this.genirq.linux === '6.12' ? 'IPI' : IPI_NAMES[i] ?? 'IPI';
    try {
      requestPercpuIrq(this.genirq, virq, (irq: number) => this.handleIpi(irq), name, this.dummyDev);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      this.smp.diagnostics.warnOn(true, `riscv_ipi_set_virq_range: request of virq ${virq} failed: ${error.message}`);
    }
    this.descs[i] = this.genirq.irqToDesc(virq);
    setStatusFlags(this.genirq, virq, IRQ.HIDDEN);
  }

  /** @kernel handle_IPI */
  private handleIpi(irq: number): number {
    const { smp, callbacks } = this;
    const cpu = smp.cpus.current;
    const op = irq - this.virqBase;
    switch (op) {
      case IPI.RESCHEDULE: callbacks.reschedule?.(cpu); break;
      case IPI.CALL_FUNC: this.calls.flush(true); break;
      case IPI.CPU_STOP: this.cpuStop.handleStop(); break;
      case IPI.CPU_CRASH_STOP: this.cpuStop.handleCrashStop(); break;
      case IPI.IRQ_WORK: this.irqWorks.run(); break;
      case IPI.TIMER: callbacks.timerBroadcast?.(cpu); break;
      case IPI.CPU_BACKTRACE: this.cpuBacktrace.handle(); break;
      case IPI.KGDB_ROUNDUP: callbacks.kgdbRoundup?.(cpu); break;
      default: smp.log.warn(`CPU${cpu}: unhandled IPI${op}`);
    }
    return IRQ_HANDLED;
  }

  private noProvider(op: IpiMessage): void {
    this.smp.diagnostics.report('context', `IPI${op} cannot be sent: no driver has provided IPIs. Add one (SBI, IMSIC, SSWI or CLINT) to the machine.`);
  }
}

/** The machine's {@link RiscvIpi} in the container. */
export const RISCV_IPI: ServiceToken<RiscvIpi> = serviceToken<RiscvIpi>('riscv', 'RiscvIpi');
