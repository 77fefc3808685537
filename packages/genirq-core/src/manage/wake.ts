import { type Genirq, IRQCHIP, IRQD, irqdClear, type IrqDesc, irqdSet, irqIsNmi } from '@irqchip/irqdesc';
import { noSuchIrq, withDescBuslocked } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';

/** @kernel set_irq_wake_real */
function programWake(desc: IrqDesc, on: boolean): void {
  const { chip } = desc.irqData;
  if ((chip.flags ?? 0) & IRQCHIP.SKIP_SET_WAKE) return;
  if (!chip.irqSetWake) throw new IrqError('ENXIO', `irq ${desc.irq} cannot wake the machine: chip ${chip.name} has no irqSetWake. Set IRQCHIP.SKIP_SET_WAKE if it always can.`);
  chip.irqSetWake(desc.irqData, on);
}

function changeWake(desc: IrqDesc, on: boolean): void {
  if (irqIsNmi(desc)) throw new IrqError('EINVAL', `irq ${desc.irq} is an NMI and cannot wake the machine.`);
  if (on) {
    if (desc.wakeDepth === 0) programWake(desc, true);
    if (desc.wakeDepth++ === 0) irqdSet(desc.irqData, IRQD.WAKEUP_STATE);
    return;
  }
  if (desc.genirq.smp.diagnostics.warnOn(desc.wakeDepth === 0, `Unbalanced IRQ ${desc.irq} wake disable`)) return;
  if (desc.wakeDepth === 1) programWake(desc, false);
  if (--desc.wakeDepth === 0) irqdClear(desc.irqData, IRQD.WAKEUP_STATE);
}

/**
 * Makes an interrupt wake the machine, or no longer. Nests; a refusal leaves the count as it was. Task context.
 * @throws IrqError `EINVAL` without a descriptor, for per-CPU devid interrupts and NMIs; `ENXIO` when the chip cannot; what the chip threw.
 * @kernel irq_set_irq_wake
 */
export function setIrqWake(genirq: Genirq, irq: number, on: boolean): void {
  const done = withDescBuslocked(genirq, irq, 'global', (desc) => { changeWake(desc, on); return true; });
  if (!done) throw noSuchIrq(irq, 'setIrqWake');
}

/** @kernel enable_irq_wake */
export function enableIrqWake(genirq: Genirq, irq: number): void { setIrqWake(genirq, irq, true); }
/** @kernel disable_irq_wake */
export function disableIrqWake(genirq: Genirq, irq: number): void { setIrqWake(genirq, irq, false); }
