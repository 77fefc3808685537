import type { IrqDesc } from './irq-desc.ts';
import { IRQ, IRQ_TYPE, IRQS } from './flags.ts';

/** What `modifyStatus` may change. @kernel IRQF_MODIFY_MASK */
export const IRQF_MODIFY_MASK: number = IRQ_TYPE.SENSE_MASK | IRQ.LEVEL | IRQ.PER_CPU | IRQ.NOPROBE | IRQ.NOREQUEST | IRQ.NOAUTOEN
  | IRQ.NO_BALANCING | IRQ.NESTED_THREAD | IRQ.NOTHREAD | IRQ.PER_CPU_DEVID | IRQ.IS_POLLED | IRQ.DISABLE_UNLAZY | IRQ.HIDDEN;

/** Whether any of the IRQ_* bits is set. */
export function settingsHas(desc: IrqDesc, bits: number): boolean { return (desc.settings & bits) !== 0; }
/** @kernel irq_settings_is_per_cpu_devid */
export function settingsIsPercpuDevid(desc: IrqDesc): boolean { return settingsHas(desc, IRQ.PER_CPU_DEVID); }
/** @kernel irq_settings_can_request */
export function settingsCanRequest(desc: IrqDesc): boolean { return !settingsHas(desc, IRQ.NOREQUEST); }
/** @kernel irq_settings_is_nested_thread */
export function settingsIsNestedThread(desc: IrqDesc): boolean { return settingsHas(desc, IRQ.NESTED_THREAD); }
/** @kernel irq_is_nmi */
export function irqIsNmi(desc: IrqDesc): boolean { return (desc.istate & IRQS.NMI) !== 0; }
/** @kernel irq_settings_set_trigger_mask */
export function settingsSetTriggerMask(desc: IrqDesc, type: number): void {
  desc.settings = (desc.settings & ~IRQ_TYPE.SENSE_MASK) | (type & IRQ_TYPE.SENSE_MASK);
}
/** Whether a demultiplexing handler is installed. @kernel irq_desc_is_chained */
export function irqDescIsChained(desc: IrqDesc): boolean { return desc.action !== null && desc.action === desc.genirq.chainedAction; }

/** Re-derives whether /proc/interrupts has a row for it: something a later kernel keeps in a flag. @kernel irq_proc_update_valid */
export function irqProcUpdateValid(desc: IrqDesc): void {
  if (desc.genirq.linux === '6.12') return;
  const valid = desc.action !== null && !irqDescIsChained(desc) && !settingsHas(desc, IRQ.HIDDEN);
  desc.settings = valid ? desc.settings | IRQ.PROC_VALID : desc.settings & ~IRQ.PROC_VALID;
}
