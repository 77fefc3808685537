import { IrqError, type Cpus } from '@irqchip/smp';
import { mayUnmaskNow, unmaskThreadedIrq } from '../chip/mask.ts';
import type { Genirq } from '../genirq.ts';
import { IRQ_HANDLED, IRQ_WAKE_THREAD, IRQS } from '../desc/flags.ts';
import type { IrqAction, IrqDesc } from '../desc/irq-desc.ts';
import { irqdIrqInprogress } from '../desc/irqd.ts';
import { busLocked, locked } from '../desc/lock.ts';
import { irqForcedSecondaryHandler } from './primary-handlers.ts';

interface WokenThread { readonly desc: IrqDesc; readonly action: IrqAction; readonly cpu: number }

/** Interrupt threads that were woken and have not run, oldest first. Each runs on the CPU that woke it. */
export class IrqThreads {
  private readonly woken: WokenThread[] = [];
  private readonly running: IrqAction[] = [];
  /** So many in a row are a storm: with each that ends the next is woken. */
  limit = 100_000;

  constructor(private readonly cpus: Cpus) {}

  /** Whether a thread waits for its CPU. */
  get pending(): boolean { return this.woken.length > 0; }

  wake(desc: IrqDesc, action: IrqAction): void {
    this.woken.push({ desc, action, cpu: this.cpus.current });
  }

  /**
   * Runs every thread whose CPU can run a task now. Returns how many ran.
   * @throws IrqError `EDEADLK` for more than {@link limit}.
   */
  run(): number {
    let ran = 0;
    for (let at = this.nextRunnable(); at >= 0; at = this.nextRunnable()) {
      const [thread] = this.woken.splice(at, 1);
      if (++ran > this.limit) throw storm(thread!, this.limit);
      this.runOne(thread!);
    }
    return ran;
  }

  /** Where a thread runs: its CPU, or another one when that has gone. */
  private cpuOf({ cpu }: WokenThread): number {
    return this.cpus.online.test(cpu) ? cpu : this.cpus.online.first();
  }

  private nextRunnable(): number {
    const { cpus, running } = this;
    return this.woken.findIndex((thread) => {
      const cpu = this.cpuOf(thread);
      if (running.includes(thread.action) || cpus.irqsDisabledOn(cpu)) return false;
      return !cpus.runOn(cpu, () => cpus.inHardirq());
    });
  }

  private runOne(thread: WokenThread): void {
    this.running.push(thread.action);
    try {
      this.cpus.runOn(this.cpuOf(thread), () => runThread(thread.desc, thread.action));
    } finally {
      this.running.splice(this.running.indexOf(thread.action), 1);
    }
  }
}

function storm({ desc: { irq }, action: { name } }: WokenThread, times: number): IrqError {
  return new IrqError('EDEADLK', `The thread of irq ${irq} (${name}) ran ${times} times in a row, and each time the interrupt came again: does the thread make its device let go of the line?`);
}

/** Wakes the thread of an action, unless it is awake. Hard irq context; lock not needed. @kernel __irq_wake_thread */
export function wakeIrqThread(desc: IrqDesc, action: IrqAction): void {
  if (action.threadRunning) return;
  action.threadRunning = true;
  // Before the handlers' INPROGRESS ends: finalizeOneshot waits for that, and so cannot miss the bit.
  desc.threadsOneshot |= action.threadMask;
  desc.threadsActive++;
  desc.genirq.threads.wake(desc, action);
}

/** One round of an interrupt thread. @kernel irq_thread */
function runThread(desc: IrqDesc, action: IrqAction): void {
  action.threadRunning = false;
  try {
    const result = action.threadFn!(desc.irq, action.devId as never);
    if (result === IRQ_HANDLED) desc.threadsHandled++;
    finalizeOneshot(desc, action);
    if (result === IRQ_WAKE_THREAD) wakeSecondary(desc, action);
  } finally {
    desc.threadsActive--;
  }
}

/** @kernel irq_wake_secondary */
function wakeSecondary(desc: IrqDesc, action: IrqAction): void {
  const { secondary } = action;
  if (desc.genirq.smp.diagnostics.warnOnce(secondary === null, `The thread of irq ${desc.irq} (${action.name}) returned IRQ_WAKE_THREAD; a thread returns IRQ_HANDLED or IRQ_NONE.`)) return;
  wakeIrqThread(desc, secondary!);
}

/**
 * Takes the thread's oneshot bit back, and unmasks the line after the last. Under the bus lock: the unmask may have to cross a slow bus,
 * and on another CPU the handlers could not come to their end while it is held.
 * @kernel irq_finalize_oneshot
 */
function finalizeOneshot(desc: IrqDesc, action: IrqAction): void {
  if ((desc.istate & IRQS.ONESHOT) === 0 || action.handler === irqForcedSecondaryHandler) return;
  while (!busLocked(desc, () => locked(desc, () => finalizeUnlessBusy(desc, action)))) {
    // They may be about to wake this thread again.
    desc.genirq.smp.cpus.waitUntil(() => !irqdIrqInprogress(desc.irqData), `the handlers of irq ${desc.irq} on CPU${desc.runningOn}`);
  }
}

/** False while the handlers run on another CPU. Lock held. */
function finalizeUnlessBusy(desc: IrqDesc, action: IrqAction): boolean {
  if (irqdIrqInprogress(desc.irqData)) return false;
  if (!action.threadRunning) {
    desc.threadsOneshot &= ~action.threadMask;
    if (mayUnmaskNow(desc)) unmaskThreadedIrq(desc);
  }
  return true;
}

/**
 * Runs the interrupt threads that were woken, each as a task on its CPU. Called where a CPU has left hard irq context with
 * interrupts on; elsewhere nothing of that CPU runs. Returns how many ran.
 * @kernel irq_thread
 */
export function runIrqThreads(genirq: Genirq): number { return genirq.threads.run(); }

/** Wakes the thread of the action with this `devId`. Any context. @kernel irq_wake_thread */
export function irqWakeThread(genirq: Genirq, irq: number, devId: unknown): void {
  const desc = genirq.irqToDesc(irq);
  for (let action = desc?.action ?? null; action !== null; action = action.next) {
    if (action.devId !== devId) continue;
    if (action.threadFn) wakeIrqThread(desc!, action);
    return;
  }
}
