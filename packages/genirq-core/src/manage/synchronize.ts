import { type Genirq, type IrqDesc, irqdIrqInprogress } from '@irqchip/irqdesc';
import { locked, mightSleep } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';
import { descIrqchipState } from './irqchip-state.ts';

/** A chip that cannot tell, or refuses to, has none on its way. */
function chipSaysActive(desc: IrqDesc): boolean {
  try {
    return locked(desc, () => descIrqchipState(desc, 'ACTIVE')) === true;
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    return false;
  }
}

function isActive(desc: IrqDesc, askChip: boolean): boolean {
  return irqdIrqInprogress(desc.irqData) || (askChip && chipSaysActive(desc));
}

/** Waits until no handler runs. @kernel __synchronize_hardirq */
function waitForHandlers(desc: IrqDesc, askChip: boolean): void {
  if (desc.runningOn === desc.cpus.current && irqdIrqInprogress(desc.irqData)) {
    throw new IrqError('EDEADLK', `A handler of irq ${desc.irq} waits for itself: in a handler use disableIrqNosync(), and free the interrupt from a task.`);
  }
  desc.genirq.smp.cpus.waitUntil(() => !isActive(desc, askChip), `the handlers of irq ${desc.irq}`);
}

function waitForThreads(desc: IrqDesc): void {
  const { smp, threads } = desc.genirq;
  if (desc.threadsActive === 0) return;
  smp.cpus.waitUntil(() => {
    threads.run();
    return desc.threadsActive === 0;
  }, `the threads of irq ${desc.irq}`);
}

/** {@link synchronizeIrq} of a descriptor. @kernel __synchronize_irq */
export function synchronizeDesc(desc: IrqDesc): void {
  waitForHandlers(desc, true);
  waitForThreads(desc);
}

/**
 * Waits until neither a handler nor a thread of the interrupt runs, and the chip, if it can tell, says that none is on its way.
 * May sleep: task context. Throws `EDEADLK` when they can never finish, as when one of them calls this.
 * @kernel synchronize_irq
 */
export function synchronizeIrq(genirq: Genirq, irq: number): void {
  mightSleep(genirq, `synchronizeIrq(${irq})`);
  const desc = genirq.irqToDesc(irq);
  if (desc) synchronizeDesc(desc);
}

/** Waits for the hard handlers only; false when a thread is still active. Any context but its own handler. @kernel synchronize_hardirq */
export function synchronizeHardirq(genirq: Genirq, irq: number): boolean {
  const desc = genirq.irqToDesc(irq);
  if (!desc) return true;
  waitForHandlers(desc, false);
  return desc.threadsActive === 0;
}
