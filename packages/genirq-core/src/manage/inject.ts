import { checkIrqResend, type Genirq, irqdIsActivated, irqIsNmi } from '@irqchip/irqdesc';
import { noSuchIrq, withDescBuslocked } from '@irqchip/irqdesc/internals';
import { ERRNO, IrqError } from '@irqchip/smp';
import { setIrqchipState } from './irqchip-state.ts';

function setPending(genirq: Genirq, irq: number): boolean {
  try {
    setIrqchipState(genirq, irq, 'PENDING', true);
    return true;
  } catch (error) {
    if (error instanceof IrqError) return false;
    throw error;
  }
}

/**
 * Raises an interrupt by software, as writing `trigger` to debugfs does: through the chip's PENDING state if it has one, else
 * as a resend. Task context.
 * @throws IrqError `EINVAL` without a descriptor, for one that is not activated, is an NMI, is of level type, or cannot be resent;
 * `EBUSY` while a replay is under way.
 * @kernel irq_inject_interrupt
 */
export function injectInterrupt(genirq: Genirq, irq: number): void {
  if (setPending(genirq, irq)) return;
  const err = withDescBuslocked(genirq, irq, 'any', (desc) => {
    if (irqIsNmi(desc) || !irqdIsActivated(desc.irqData)) throw new IrqError('EINVAL', `irq ${irq} cannot be injected: it is ${irqIsNmi(desc) ? 'an NMI' : 'not activated; request it first'}.`);
    return checkIrqResend(desc, true);
  });
  if (err === null) throw noSuchIrq(irq, 'injectInterrupt');
  if (err === -ERRNO.EBUSY) throw new IrqError('EBUSY', `irq ${irq} is being replayed already.`);
  if (err !== 0) throw new IrqError('EINVAL', `irq ${irq} cannot be injected: it is of level type, or nothing can replay it. Drive its line instead.`);
}
