import type { IrqChip } from '../chip/irq-chip.ts';
import { noIrqChip } from '../chip/no-irq-chip.ts';
import type { Genirq } from '../genirq.ts';
import { IRQ, IRQ_TYPE, IRQD } from './flags.ts';
import type { IrqData } from './irq-data.ts';
import type { IrqDesc } from './irq-desc.ts';
import { irqdClear, irqdGetTriggerType, irqdSet } from './irqd.ts';
import { locked, noSuchIrq } from './lock.ts';
import { IRQF_MODIFY_MASK, irqProcUpdateValid } from './settings.ts';

function update(genirq: Genirq, irq: number, what: string, fn: (desc: IrqDesc) => void): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw noSuchIrq(irq, what);
  locked(desc, fn);
}

/** Sets the chip of the outermost level; null gives {@link noIrqChip}. Throws `EINVAL` without a descriptor. @kernel irq_set_chip */
export function setChip(genirq: Genirq, irq: number, chip: IrqChip | null): void {
  update(genirq, irq, 'setChip', (desc) => { desc.irqData.chip = chip ?? noIrqChip; });
}

/** The chip of the outermost level, or null. Any context. @kernel irq_get_chip */
export function getChip(genirq: Genirq, irq: number): IrqChip | null { return genirq.irqToDesc(irq)?.irqData.chip ?? null; }

/** Data of the outermost level's controller. Throws `EINVAL` without a descriptor. @kernel irq_set_chip_data */
export function setChipData(genirq: Genirq, irq: number, data: unknown): void {
  update(genirq, irq, 'setChipData', (desc) => { desc.irqData.chipData = data; });
}

/** @kernel irq_get_chip_data */
export function getChipData(genirq: Genirq, irq: number): unknown { return genirq.irqToDesc(irq)?.irqData.chipData ?? null; }

/** Data of the flow or chained handler, shared by all levels. Throws `EINVAL` without a descriptor. @kernel irq_set_handler_data */
export function setHandlerData(genirq: Genirq, irq: number, data: unknown): void {
  update(genirq, irq, 'setHandlerData', (desc) => { desc.common.handlerData = data; });
}

/** @kernel irq_get_handler_data */
export function getHandlerData(genirq: Genirq, irq: number): unknown { return genirq.irqToDesc(irq)?.common.handlerData ?? null; }

/** The outermost level of `irq`, or null. Any context. @kernel irq_get_irq_data */
export function getIrqData(genirq: Genirq, irq: number): IrqData | null { return genirq.irqToDesc(irq)?.irqData ?? null; }

/** @kernel irq_set_msi_desc */
export function setMsiDesc(genirq: Genirq, irq: number, msiDesc: unknown): void {
  update(genirq, irq, 'setMsiDesc', (desc) => { desc.common.msiDesc = msiDesc; });
}

/** IRQ_TYPE_* recorded for `irq`, NONE without a descriptor. @kernel irq_get_trigger_type */
export function getTriggerType(genirq: Genirq, irq: number): number {
  const desc = genirq.irqToDesc(irq);
  return desc === null ? IRQ_TYPE.NONE : irqdGetTriggerType(desc.irqData);
}

function rederiveState({ irqData, settings }: IrqDesc): void {
  const stored = settings & IRQ_TYPE.SENSE_MASK;
  const trigger = stored !== IRQ_TYPE.NONE ? stored : irqdGetTriggerType(irqData);
  irqdClear(irqData, IRQD.NO_BALANCING | IRQD.PER_CPU | IRQD.TRIGGER_MASK | IRQD.LEVEL);
  if (settings & IRQ.NO_BALANCING) irqdSet(irqData, IRQD.NO_BALANCING);
  if (settings & IRQ.PER_CPU) irqdSet(irqData, IRQD.PER_CPU);
  if (settings & IRQ.LEVEL) irqdSet(irqData, IRQD.LEVEL);
  irqdSet(irqData, trigger);
}

/**
 * Clears and sets IRQ_* settings (NO_DEBUG is out of reach), then derives the matching IRQD_* state anew. Setting NOAUTOEN
 * on a running interrupt warns. Nothing happens without a descriptor. Any context.
 * @kernel irq_modify_status
 */
export function modifyStatus(genirq: Genirq, irq: number, clr: number, set: number): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) return;
  locked(desc, () => {
    genirq.smp.diagnostics.warnOnce(desc.depth === 0 && (set & IRQ.NOAUTOEN) !== 0,
      `irq ${irq} runs already: NOAUTOEN comes too late. Set it before the interrupt is requested.`);
    desc.settings = (desc.settings & ~(clr & IRQF_MODIFY_MASK)) | (set & IRQF_MODIFY_MASK);
    rederiveState(desc);
    irqProcUpdateValid(desc);
  });
}

/** @kernel irq_set_status_flags */
export function setStatusFlags(genirq: Genirq, irq: number, set: number): void { modifyStatus(genirq, irq, 0, set); }
/** @kernel irq_clear_status_flags */
export function clearStatusFlags(genirq: Genirq, irq: number, clr: number): void { modifyStatus(genirq, irq, clr, 0); }
/** @kernel irq_set_noprobe */
export function setNoprobe(genirq: Genirq, irq: number): void { modifyStatus(genirq, irq, 0, IRQ.NOPROBE); }
/** @kernel irq_set_probe */
export function setProbe(genirq: Genirq, irq: number): void { modifyStatus(genirq, irq, IRQ.NOPROBE, 0); }
/** @kernel irq_set_norequest */
export function setNorequest(genirq: Genirq, irq: number): void { modifyStatus(genirq, irq, 0, IRQ.NOREQUEST); }
/** @kernel irq_set_nothread */
export function setNothread(genirq: Genirq, irq: number): void { modifyStatus(genirq, irq, 0, IRQ.NOTHREAD); }
/** Its handlers run in the thread of the interrupt that demultiplexes it. @kernel irq_set_nested_thread */
export function setNestedThread(genirq: Genirq, irq: number, nest: boolean): void {
  modifyStatus(genirq, irq, nest ? 0 : IRQ.NESTED_THREAD, nest ? IRQ.NESTED_THREAD : 0);
}

/** Whose resend stands in for the resend of the nested `irq`. Throws `EINVAL` without a descriptor. @kernel irq_set_parent */
export function setParent(genirq: Genirq, irq: number, parentIrq: number): void {
  update(genirq, irq, 'setParent', (desc) => { desc.parentIrq = parentIrq; });
}
