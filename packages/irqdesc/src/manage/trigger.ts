import { IrqError } from '@irqchip/smp';
import { maskIrq, unmaskIrq } from '../chip/mask.ts';
import { flowSymbol } from '../flow/symbol.ts';
import type { Genirq } from '../genirq.ts';
import { IRQ, IRQ_SET_MASK, IRQ_TYPE, IRQCHIP, IRQD } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdClear, irqdGetTriggerType, irqdIrqDisabled, irqdSet } from '../desc/irqd.ts';
import { noSuchIrq, withDescBuslocked } from '../desc/lock.ts';
import { settingsSetTriggerMask } from '../desc/settings.ts';

/** Brings settings and LEVEL in line with the type that the chip took. */
function recordType(desc: IrqDesc): void {
  const type = irqdGetTriggerType(desc.irqData);
  settingsSetTriggerMask(desc, type);
  irqdClear(desc.irqData, IRQD.LEVEL);
  desc.settings &= ~IRQ.LEVEL;
  if (type & IRQ_TYPE.LEVEL_MASK) {
    desc.settings |= IRQ.LEVEL;
    irqdSet(desc.irqData, IRQD.LEVEL);
  }
}

function callSetType(desc: IrqDesc, type: number): number {
  const { genirq, irqData: data } = desc;
  try {
    const result = data.chip.irqSetType!(data, type);
    if (result >= IRQ_SET_MASK.OK && result <= IRQ_SET_MASK.OK_DONE) return result;
    throw new IrqError('EINVAL', `irqSetType of chip ${data.chip.name} returned ${result} for irq ${desc.irq}; return an IRQ_SET_MASK value, or throw an IrqError.`);
  } catch (error) {
    if (error instanceof IrqError) genirq.smp.log.err(`genirq: Setting trigger mode ${type} for irq ${desc.irq} failed (${flowSymbol(data.chip.irqSetType!)})`);
    throw error;
  }
}

/**
 * Programs a trigger type into the chip and records it. A chip without `irqSetType` takes any type, and nothing is recorded.
 * Lock held.
 * @throws IrqError what the chip threw; after a line in the log.
 * @kernel __irq_set_trigger
 */
export function programTriggerType(desc: IrqDesc, type: number): void {
  const data = desc.irqData;
  const { chip } = data;
  if (!chip.irqSetType) return;
  let unmask = false;
  if ((chip.flags ?? 0) & IRQCHIP.SET_TYPE_MASKED) {
    maskIrq(desc);
    unmask = !irqdIrqDisabled(data);
  }
  try {
    const sense = type & IRQ_TYPE.SENSE_MASK;
    if (callSetType(desc, sense) !== IRQ_SET_MASK.OK_NOCOPY) {
      irqdClear(data, IRQD.TRIGGER_MASK);
      irqdSet(data, sense);
    }
    recordType(desc);
  } finally {
    if (unmask) unmaskIrq(desc);
  }
}

/**
 * Programs the trigger type of an interrupt. Task context.
 * @throws IrqError `EINVAL` without a descriptor and for per-CPU devid interrupts, whose type `enablePercpuIrq` sets; what the chip threw.
 * @kernel irq_set_irq_type
 */
export function setIrqType(genirq: Genirq, irq: number, type: number): void {
  const done = withDescBuslocked(genirq, irq, 'global', (desc) => { programTriggerType(desc, type); return true; });
  if (!done) throw noSuchIrq(irq, 'setIrqType');
}
