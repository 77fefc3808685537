import { CpuMask, IrqError, PerCpu, type Smp } from '@irqchip/smp';
import { CSD, type CallNode, type CallNodes, type SmpCallFunc } from './call-node.ts';
import { CallQueue } from './call-queue.ts';
import type { IrqWork } from './irq-work.ts';

/** How this room reaches CPUs and its neighbour. */
export interface SmpCallDoorbells {
  /** @kernel arch_send_call_function_single_ipi */
  single(cpu: number): void;
  /** @kernel arch_send_call_function_ipi_mask */
  mask(mask: CpuMask): void;
  /** @kernel irq_work_single (the doorbell for it) */
  irqWork(work: IrqWork): void;
}

/** What one CPU needs to call many. @kernel call_function_data */
interface CallFunctionData {
  readonly csd: PerCpu<CallNode>;
  readonly targets: CpuMask;
  readonly ringing: CpuMask;
}

/**
 * Function calls between CPUs (kernel/smp.c). Each CPU has a queue; a caller that finds it empty rings, a caller that finds
 * it filled relies on the ring before: the target takes the whole queue at once.
 */
export class SmpCalls {
  private readonly queue: CallQueue;
  private readonly asyncCsd: PerCpu<CallNode>;
  private readonly cfd: PerCpu<CallFunctionData>;
  /** Nodes for calls that wait; the kernel has them on the caller's stack. */
  private readonly stackCsd: CallNode[] = [];

  constructor(private readonly smp: Smp, private readonly nodes: CallNodes, private readonly doorbells: SmpCallDoorbells) {
    const { nrCpuIds } = smp.cpus;
    this.queue = new CallQueue(smp, nodes, 'call_single_queue');
    this.asyncCsd = new PerCpu((cpu) => nodes.make(`csd_data cpu${cpu}`));
    this.cfd = new PerCpu((cpu) => ({
      csd: new PerCpu((target) => nodes.make(`cfd_data cpu${cpu} to cpu${target}`)),
      targets: new CpuMask(nrCpuIds),
      ringing: new CpuMask(nrCpuIds),
    }));
  }

  /**
   * Runs `fn(info)` on `cpu`, at once and with interrupts off if that is the running CPU. With `wait` it has returned when
   * this does. Task context, interrupts on.
   * @throws IrqError `ENXIO` for a CPU that does not exist or is offline; `EDEADLK` when the wait can never end.
   * @kernel smp_call_function_single (the layer below RiscvIpi)
   */
  single(cpu: number, fn: SmpCallFunc, info: unknown, wait: boolean): void {
    const { cpus } = this.smp;
    this.warnContext('smp_call_function_single', cpus.irqsDisabled());
    if (cpu === cpus.current) return this.runLocal(fn, info);
    if (!cpus.online.test(cpu)) throw new IrqError('ENXIO', `smp_call_function_single: CPU ${cpu} is not online; online are ${cpus.online.toList()}.`);
    if (!wait) return this.exec(cpu, this.lockCsd(this.asyncCsd.get(cpus.current)), CSD.TYPE_ASYNC, fn, info);
    const csd = this.stackCsd.pop() ?? this.nodes.make('csd_stack');
    this.exec(cpu, csd, CSD.TYPE_SYNC, fn, info);
    this.waitCsd(csd);
    this.stackCsd.push(csd);
  }

  /**
   * Runs `fn(info)` on every online CPU of `mask` but the running one. Task context, interrupts on; early in boot they may be off.
   * @throws IrqError `EDEADLK` when the wait can never end.
   * @kernel smp_call_function_many (the layer below RiscvIpi)
   */
  many(mask: CpuMask, fn: SmpCallFunc, info: unknown, wait: boolean): void {
    this.manyCond(mask, fn, info, wait, false);
  }

  /** As {@link many}, and on the running CPU too if it is in `mask`. @kernel on_each_cpu_cond_mask */
  onEachCpuMask(mask: CpuMask, fn: SmpCallFunc, info: unknown, wait: boolean): void {
    this.manyCond(mask, fn, info, wait, true);
  }

  /** Puts a locked node into a CPU's queue, and rings if that was empty. Any context. @kernel __smp_call_single_queue */
  callSingleQueue(cpu: number, node: CallNode): void {
    if (this.queue.push(cpu, node)) this.doorbells.single(cpu);
  }

  /**
   * Runs what other CPUs put into the running CPU's queue: first the calls somebody waits for. Interrupts off.
   * @kernel flush_smp_call_function_queue
   */
  flush(warnCpuOffline: boolean): void {
    const { cpus, diagnostics } = this.smp;
    const cpu = cpus.current;
    if (!cpus.irqsDisabled()) diagnostics.report('context', `flush_smp_call_function_queue on CPU${cpu} needs interrupts off.`);
    const first = this.queue.takeAll(cpu);
    if (first === null) return;
    if (warnCpuOffline) diagnostics.warnOnce(!cpus.online.test(cpu), `IPI on offline CPU ${cpu}`);
    this.runAsync(this.runSync(first));
  }

  /** Whether calls wait on `cpu`. For tests and reports. */
  isQueued(cpu: number): boolean { return !this.queue.isEmpty(cpu); }

  private manyCond(mask: CpuMask, fn: SmpCallFunc, info: unknown, wait: boolean, local: boolean): void {
    const { cpus } = this.smp;
    // Early in boot no other CPU is there to call back.
    this.warnContext('smp_call_function_many', cpus.irqsDisabled() && !cpus.earlyBootIrqsDisabled);
    const self = cpus.current;
    const cfd = this.cfd.get(self);
    cfd.targets.clearAll();
    cfd.ringing.clearAll();
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      if (cpu !== self && cpus.online.test(cpu)) this.queueFor(cfd, cpu, wait, fn, info);
    }
    this.ring(cfd.ringing);
    if (local && mask.test(self)) this.runLocal(fn, info);
    if (!wait) return;
    for (let cpu = cfd.targets.first(); cpu < cfd.targets.size; cpu = cfd.targets.next(cpu)) this.waitCsd(cfd.csd.get(cpu));
  }

  private queueFor(cfd: CallFunctionData, cpu: number, wait: boolean, fn: SmpCallFunc, info: unknown): void {
    const csd = this.lockCsd(cfd.csd.get(cpu));
    this.fill(csd, wait ? CSD.TYPE_SYNC : CSD.TYPE_ASYNC, fn, info);
    cfd.targets.set(cpu);
    if (this.queue.push(cpu, csd)) cfd.ringing.set(cpu);
  }

  private ring(ringing: CpuMask): void {
    const first = ringing.first();
    if (first >= ringing.size) return;
    if (ringing.next(first) >= ringing.size) this.doorbells.single(first);
    else this.doorbells.mask(ringing);
  }

  private exec(cpu: number, csd: CallNode, type: number, fn: SmpCallFunc, info: unknown): void {
    this.fill(csd, type, fn, info);
    this.callSingleQueue(cpu, csd);
  }

  private fill(csd: CallNode, type: number, fn: SmpCallFunc, info: unknown): void {
    csd.flags = CSD.LOCK | type;
    csd.fn = fn;
    csd.info = info;
  }

  private runLocal(fn: SmpCallFunc, info: unknown): void {
    const flags = this.smp.cpus.localIrqSave();
    try {
      fn(info);
    } finally {
      this.smp.cpus.localIrqRestore(flags);
    }
  }

  /** Runs and unlinks the calls that somebody waits for; returns what is left. */
  private runSync(first: CallNode): CallNode | null {
    let kept: CallNode | null = null;
    let last: CallNode | null = null;
    for (let node: CallNode | null = first; node !== null;) {
      const next: CallNode | null = this.nodes.get(node.next);
      if ((node.flags & CSD.TYPE_MASK) === CSD.TYPE_SYNC) {
        node.fn!(node.info);
        node.unlock();
      } else {
        node.next = 0;
        if (last === null) kept = node;
        else last.next = node.id;
        last = node;
      }
      node = next;
    }
    return kept;
  }

  private runAsync(first: CallNode | null): void {
    for (let node = first; node !== null;) {
      // Read before the unlock: afterwards the owner may fill the node again.
      const next: CallNode | null = this.nodes.get(node.next);
      const { fn, info } = node;
      if ((node.flags & CSD.TYPE_MASK) === CSD.TYPE_IRQ_WORK) {
        this.doorbells.irqWork(info as IrqWork);
      } else {
        node.unlock();
        fn!(info);
      }
      node = next;
    }
  }

  private lockCsd(csd: CallNode): CallNode {
    this.waitCsd(csd);
    csd.flags = CSD.LOCK;
    // The lock bit is seen before the new contents. Pairs with the release in CallNode.unlock() of the call before.
    this.smp.memory.smpWmb();
    return csd;
  }

  private waitCsd(csd: CallNode): void {
    if (csd.flagsAcquire() & CSD.LOCK) this.smp.cpus.waitUntil(() => (csd.flagsAcquire() & CSD.LOCK) === 0, 'a function call on another CPU');
  }

  /** Waiting with interrupts off, or inside an interrupt, deadlocks as soon as two CPUs call each other. */
  private warnContext(what: string, irqsOff: boolean): void {
    const { cpus, diagnostics } = this.smp;
    diagnostics.warnOnce(irqsOff && cpus.online.test(cpus.current), `${what} with interrupts off: two CPUs that call each other would wait for ever.`);
    diagnostics.warnOnce(cpus.inHardirq(), `${what} in hard irq context; call it from a task, or queue irq work.`);
  }
}
