import { IRQ, type IrqAction, type IrqDesc, IRQF, settingsHas, settingsIsNestedThread } from '@irqchip/irqdesc';
import { irqDefaultPrimaryHandler, irqForcedSecondaryHandler, makeNestedPrimaryHandler } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';

/** `threadirqs`: the handler moves into a thread, and the driver's own thread becomes a second one. @kernel irq_setup_forced_threading */
function forceThreading(desc: IrqDesc, action: IrqAction): void {
  if (!desc.genirq.threadirqs || action.flags & (IRQF.NO_THREAD | IRQF.PERCPU | IRQF.ONESHOT)) return;
  if (action.handler === irqDefaultPrimaryHandler) return;
  action.flags |= IRQF.ONESHOT;
  if (action.threadFn !== null) {
    action.secondary = { ...action, handler: irqForcedSecondaryHandler, threadMask: 0, next: null, secondary: null };
  }
  action.threadFn = action.handler;
  action.handler = irqDefaultPrimaryHandler;
}

/** kthreadd, which makes threads, is there before system_state moves on. @kernel setup_irq_thread */
function setupThread({ irq, genirq: { smp } }: IrqDesc, { name }: IrqAction): void {
  if (smp.systemState === 'SYSTEM_BOOTING') {
    smp.diagnostics.report('context', `${name} asks for the thread of irq ${irq} while system_state is SYSTEM_BOOTING: there is no kthreadd to make it yet. Request it from a platform driver, or without a thread.`);
  }
  smp.faults.check('irq_thread');
}

/**
 * Decides what of an action runs in hard irq and what in a thread.
 * @throws IrqError `EINVAL` for a nested interrupt without a thread function; `ENOMEM`.
 */
export function setupThreads(desc: IrqDesc, action: IrqAction): void {
  const { genirq: { smp, linux } } = desc;
  const lone = (action.flags & IRQF.ONESHOT) !== 0 && action.threadFn === null && linux !== '6.12';
  smp.diagnostics.warnOnce(lone, `${action.name} passes IRQF.ONESHOT for irq ${desc.irq} without a thread function; it means nothing then.`);
  if (settingsIsNestedThread(desc)) {
    if (action.threadFn === null) throw new IrqError('EINVAL', `irq ${desc.irq} is nested: it runs in the thread of its parent, so ${action.name} must pass a thread function.`);
    action.handler = makeNestedPrimaryHandler(smp.diagnostics);
    return;
  }
  if (!settingsHas(desc, IRQ.NOTHREAD)) forceThreading(desc, action);
  if (action.threadFn !== null) setupThread(desc, action);
}
