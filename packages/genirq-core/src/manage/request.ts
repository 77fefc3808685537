import {
  type Genirq, IRQ_NOTCONNECTED, type IrqAction, type IrqDesc, IRQF, type IrqHandler, settingsCanRequest, settingsIsNestedThread,
  settingsIsPercpuDevid,
} from '@irqchip/irqdesc';
import { irqDefaultPrimaryHandler, mightSleep, noSuchIrq } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';
import { setupIrq } from './setup.ts';

/** What {@link requestAnyContextIrq} returns: where the handler will run. @kernel IRQC_* */
export const IRQC = { IS_HARDIRQ: 0, IS_NESTED: 1 } as const;

/** An action of which nothing is set but what is given. */
export function makeAction(irq: number, name: string, handler: IrqHandler, flags: number): IrqAction {
  return {
    irq, name, handler, flags, threadFn: null, devId: null, percpuDevId: null, affinity: null, next: null, threadMask: 0,
    threadRunning: false, warned: false, secondary: null,
  };
}

function checkFlags(irq: number, flags: number, name: string, devId: unknown): void {
  const refuse = (why: string): never => { throw new IrqError('EINVAL', `requestIrq of irq ${irq} by ${name}: ${why}.`); };
  const has = (bit: number): boolean => (flags & bit) !== 0;
  if (has(IRQF.SHARED) && (devId === null || devId === undefined)) refuse('IRQF.SHARED needs a devId, by which freeIrq tells the handlers apart');
  if (has(IRQF.SHARED) && has(IRQF.NO_AUTOEN)) refuse('IRQF.SHARED and IRQF.NO_AUTOEN exclude each other');
  if (has(IRQF.COND_SUSPEND) && !has(IRQF.SHARED)) refuse('IRQF.COND_SUSPEND is for shared interrupts');
  if (has(IRQF.COND_SUSPEND) && has(IRQF.NO_SUSPEND)) refuse('IRQF.COND_SUSPEND and IRQF.NO_SUSPEND exclude each other');
}

function requestable(genirq: Genirq, irq: number, name: string): IrqDesc {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw noSuchIrq(irq, 'requestIrq');
  if (!settingsCanRequest(desc)) throw new IrqError('EINVAL', `irq ${irq} may not be requested by ${name} (NOREQUEST): it is a parent of others, or not mapped.`);
  if (genirq.smp.diagnostics.warnOn(settingsIsPercpuDevid(desc), `irq ${irq} is a per-CPU interrupt and was requested as an ordinary one by ${name}`)) {
    throw new IrqError('EINVAL', `irq ${irq} is a per-CPU interrupt: use requestPercpuIrq.`);
  }
  return desc;
}

/**
 * Requests an interrupt with a hard handler, a thread function, or both. The interrupt is on when this returns, unless NOAUTOEN says
 * otherwise. Task context.
 * @param handler - runs in hard irq; null wakes the thread at once, and needs IRQF.ONESHOT.
 * @param threadFn - runs in the interrupt's thread after the handler returned IRQ_WAKE_THREAD.
 * @param flags - IRQF_*; without a trigger type, the one recorded for the interrupt.
 * @param devId - handed to the handlers, and names them to {@link freeIrq}; needed for IRQF.SHARED.
 * @throws IrqError `ENOTCONN` for IRQ_NOTCONNECTED; `EINVAL` for flags that exclude each other, without a descriptor, for one that may not be
 * requested, without any handler, and as `setupIrq`; `ENOSYS` without a chip; `EBUSY` when it cannot be shared; `ENOMEM`.
 * @kernel request_threaded_irq
 */
export function requestThreadedIrq(genirq: Genirq, irq: number, handler: IrqHandler | null, threadFn: IrqHandler | null, flags: number, name: string, devId: unknown): void {
  mightSleep(genirq, `requestIrq(${irq})`);
  if (irq === IRQ_NOTCONNECTED) throw new IrqError('ENOTCONN', `${name} requests an interrupt that is not connected (IRQ_NOTCONNECTED): poll instead.`);
  checkFlags(irq, flags, name, devId);
  const desc = requestable(genirq, irq, name);
  if (!handler && !threadFn) throw new IrqError('EINVAL', `${name} requests irq ${irq} with neither a handler nor a thread function.`);
  genirq.smp.faults.check('irqaction');
  const action = makeAction(irq, name, handler ?? irqDefaultPrimaryHandler, flags);
  action.threadFn = threadFn;
  action.devId = devId;
  setupIrq(desc, action);
}

/** {@link requestThreadedIrq} with a hard handler only. @kernel request_irq */
export function requestIrq(genirq: Genirq, irq: number, handler: IrqHandler, flags: number, name: string, devId: unknown = null): void {
  requestThreadedIrq(genirq, irq, handler, null, flags | IRQF.COND_ONESHOT, name, devId);
}

/**
 * Requests an interrupt of which the driver does not know whether it is nested: the handler runs in hard irq, or in the parent's thread.
 * @returns IRQC.IS_HARDIRQ or IRQC.IS_NESTED.
 * @throws IrqError as {@link requestThreadedIrq}.
 * @kernel request_any_context_irq
 */
export function requestAnyContextIrq(genirq: Genirq, irq: number, handler: IrqHandler, flags: number, name: string, devId: unknown = null): number {
  if (irq === IRQ_NOTCONNECTED) throw new IrqError('ENOTCONN', `${name} requests an interrupt that is not connected (IRQ_NOTCONNECTED): poll instead.`);
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw noSuchIrq(irq, 'requestAnyContextIrq');
  if (settingsIsNestedThread(desc)) {
    requestThreadedIrq(genirq, irq, null, handler, flags, name, devId);
    return IRQC.IS_NESTED;
  }
  requestIrq(genirq, irq, handler, flags, name, devId);
  return IRQC.IS_HARDIRQ;
}
