import type { Genirq, IrqchipIrqState, IrqData, IrqDesc } from '@irqchip/irqdesc';
import { noSuchIrq, withDescBuslocked } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';

function levelWith(desc: IrqDesc, callback: 'irqGetIrqchipState' | 'irqSetIrqchipState'): IrqData | null {
  let data: IrqData | null = desc.irqData;
  while (data !== null && !data.chip?.[callback]) data = data.parentData;
  return data;
}

/** What the nearest chip that can tell says, null when none can. Lock held. @kernel __irq_get_irqchip_state */
export function descIrqchipState(desc: IrqDesc, which: IrqchipIrqState): boolean | null {
  const data = levelWith(desc, 'irqGetIrqchipState');
  return data === null ? null : data.chip.irqGetIrqchipState!(data, which);
}

/**
 * Asks the nearest chip of the hierarchy that can tell. Task context.
 * @throws IrqError `EINVAL` without a descriptor or such a chip; what the chip threw.
 * @kernel irq_get_irqchip_state
 */
export function getIrqchipState(genirq: Genirq, irq: number, which: IrqchipIrqState): boolean {
  const state = withDescBuslocked(genirq, irq, 'any', (desc) => {
    const value = descIrqchipState(desc, which);
    if (value === null) throw new IrqError('EINVAL', `irq ${irq}: no chip of its hierarchy has irqGetIrqchipState, so ${which} cannot be read.`);
    return value;
  });
  if (state === null) throw noSuchIrq(irq, 'getIrqchipState');
  return state;
}

/**
 * Tells the nearest chip of the hierarchy that can be told. Task context.
 * @throws IrqError `EINVAL` without a descriptor or such a chip; what the chip threw.
 * @kernel irq_set_irqchip_state
 */
export function setIrqchipState(genirq: Genirq, irq: number, which: IrqchipIrqState, state: boolean): void {
  const done = withDescBuslocked(genirq, irq, 'any', (desc) => {
    const data = levelWith(desc, 'irqSetIrqchipState');
    if (data === null) throw new IrqError('EINVAL', `irq ${irq}: no chip of its hierarchy has irqSetIrqchipState, so ${which} cannot be written.`);
    data.chip.irqSetIrqchipState!(data, which, state);
    return true;
  });
  if (!done) throw noSuchIrq(irq, 'setIrqchipState');
}
