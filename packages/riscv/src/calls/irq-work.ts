import type { Smp } from '@irqchip/smp';
import { CSD, type CallNode, type CallNodes } from './call-node.ts';
import { CallQueue } from './call-queue.ts';

const PENDING = 0x1;
const BUSY = 0x2;
const CLAIMED = PENDING | BUSY;

/** A function to be run in hard irq context soon; queueing it while it waits merges. @kernel irq_work */
export class IrqWork {
  constructor(readonly node: CallNode, readonly func: (work: IrqWork) => void) {
    node.info = this;
  }

  /** Queued and not yet begun. @kernel irq_work_is_pending */
  get isPending(): boolean { return (this.node.flags & PENDING) !== 0; }

  /** Queued or running. @kernel irq_work_is_busy */
  get isBusy(): boolean { return (this.node.flags & BUSY) !== 0; }
}

/** How this room rings CPUs. */
export interface IrqWorkDoorbells {
  /** IRQ_WORK IPI to the running CPU. @kernel arch_irq_work_raise */
  raiseSelf(cpu: number): void;
  /** Puts a node into another CPU's call queue. @kernel __smp_call_single_queue */
  callSingleQueue(cpu: number, node: CallNode): void;
}

/** irq_work of one machine; lazy work, which waits for a tick, is not modelled. */
export class IrqWorks {
  private readonly raised: CallQueue;

  constructor(private readonly smp: Smp, private readonly nodes: CallNodes, private readonly doorbells: IrqWorkDoorbells) {
    this.raised = new CallQueue(smp, nodes, 'irq_work raised_list');
  }

  /** @kernel init_irq_work (the layer below RiscvIpi) */
  make(func: (work: IrqWork) => void): IrqWork {
    return new IrqWork(this.nodes.make('irq_work'), func);
  }

  /** Queues on the running CPU; false when it was pending already. Any context. @kernel irq_work_queue (the layer below RiscvIpi) */
  queue(work: IrqWork): boolean {
    if (!claim(work)) return false;
    this.queueLocal(work);
    return true;
  }

  /** Queues on `cpu`, through its function call queue when that is another one. Not for offline CPUs. @kernel irq_work_queue_on (the layer below RiscvIpi) */
  queueOn(work: IrqWork, cpu: number): boolean {
    const { cpus, diagnostics } = this.smp;
    diagnostics.warnOnce(!cpus.online.test(cpu), `irq_work_queue_on: CPU${cpu} is offline; the work waits until it dies or comes back.`);
    if (!claim(work)) return false;
    if (cpu === cpus.current) this.queueLocal(work);
    else this.doorbells.callSingleQueue(cpu, work.node);
    return true;
  }

  /** Runs what was raised on the running CPU. Interrupts off. @kernel irq_work_run */
  run(): void {
    const { cpus, diagnostics } = this.smp;
    if (!cpus.irqsDisabled()) diagnostics.report('context', `irq_work_run on CPU${cpus.current} needs interrupts off.`);
    for (let node = this.raised.takeAll(cpus.current); node !== null;) {
      const next: CallNode | null = this.nodes.get(node.next);
      this.runOne(node.info as IrqWork);
      node = next;
    }
  }

  /** Runs one work item that was popped from a queue. @kernel irq_work_single */
  runOne(work: IrqWork): void {
    // From here the work may be queued again, also by its own function.
    const flags = work.node.flags & ~PENDING;
    work.node.flags = flags;
    // The function's loads come after PENDING is gone. Pairs with the fully ordered fetch-or in claim(): who finds PENDING
    // set and does not queue has its data seen by the run to come.
    this.smp.memory.smpMb();
    work.func(work);
    work.node.cmpxchgFlags(flags, flags & ~BUSY);
  }

  /** Waits until it neither waits nor runs. Task context. @kernel irq_work_sync */
  sync(work: IrqWork): void {
    if (work.node.flagsAcquire() & BUSY) this.smp.cpus.waitUntil(() => (work.node.flagsAcquire() & BUSY) === 0, 'irq work');
  }

  private queueLocal(work: IrqWork): void {
    const { current } = this.smp.cpus;
    if (this.raised.push(current, work.node)) this.doorbells.raiseSelf(current);
  }
}

/** False when it is pending already. @kernel irq_work_claim */
function claim(work: IrqWork): boolean {
  return (work.node.fetchOrFlags(CLAIMED | CSD.TYPE_IRQ_WORK) & PENDING) === 0;
}
