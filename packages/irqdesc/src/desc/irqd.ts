import type { IrqData } from './irq-data.ts';
import type { IrqDesc } from './irq-desc.ts';
import { IRQD } from './flags.ts';

/** The descriptor that `data` is a level of. @kernel irq_data_to_desc */
export function irqDataToDesc(data: IrqData): IrqDesc { return data.common.desc; }

/** Whether any bit of `mask` (IRQD_*) is set. @kernel irqd_get */
export function irqdHas(data: IrqData, mask: number): boolean { return (data.common.state & mask) !== 0; }
/** Sets IRQD_* bits; descriptor lock held. @kernel irqd_set */
export function irqdSet(data: IrqData, mask: number): void { data.common.state |= mask; }
/** Clears IRQD_* bits; descriptor lock held. @kernel irqd_clear */
export function irqdClear(data: IrqData, mask: number): void { data.common.state &= ~mask; }

/** @kernel irqd_to_hwirq */
export function irqdToHwirq(data: IrqData): number { return data.hwirq; }
/** @kernel irqd_irq_disabled */
export function irqdIrqDisabled(data: IrqData): boolean { return irqdHas(data, IRQD.IRQ_DISABLED); }
/** @kernel irqd_irq_masked */
export function irqdIrqMasked(data: IrqData): boolean { return irqdHas(data, IRQD.IRQ_MASKED); }
/** @kernel irqd_irq_inprogress */
export function irqdIrqInprogress(data: IrqData): boolean { return irqdHas(data, IRQD.IRQ_INPROGRESS); }
/** @kernel irqd_is_started */
export function irqdIsStarted(data: IrqData): boolean { return irqdHas(data, IRQD.IRQ_STARTED); }
/** @kernel irqd_is_activated */
export function irqdIsActivated(data: IrqData): boolean { return irqdHas(data, IRQD.ACTIVATED); }
/** @kernel irqd_set_activated */
export function irqdSetActivated(data: IrqData): void { irqdSet(data, IRQD.ACTIVATED); }
/** @kernel irqd_clr_activated */
export function irqdClrActivated(data: IrqData): void { irqdClear(data, IRQD.ACTIVATED); }
/** @kernel irqd_is_per_cpu */
export function irqdIsPerCpu(data: IrqData): boolean { return irqdHas(data, IRQD.PER_CPU); }
/** Whether the affinity may be changed. @kernel irqd_can_balance */
export function irqdCanBalance(data: IrqData): boolean { return !irqdHas(data, IRQD.PER_CPU | IRQD.NO_BALANCING); }
/** @kernel irqd_affinity_was_set */
export function irqdAffinityWasSet(data: IrqData): boolean { return irqdHas(data, IRQD.AFFINITY_SET); }
/** @kernel irqd_mark_affinity_was_set */
export function irqdMarkAffinityWasSet(data: IrqData): void { irqdSet(data, IRQD.AFFINITY_SET); }
/** @kernel irqd_is_setaffinity_pending */
export function irqdIsSetaffinityPending(data: IrqData): boolean { return irqdHas(data, IRQD.SETAFFINITY_PENDING); }
/** @kernel irqd_affinity_is_managed */
export function irqdAffinityIsManaged(data: IrqData): boolean { return irqdHas(data, IRQD.AFFINITY_MANAGED); }
/** @kernel irqd_is_managed_and_shutdown */
export function irqdIsManagedAndShutdown(data: IrqData): boolean { return irqdHas(data, IRQD.MANAGED_SHUTDOWN); }
/** @kernel irqd_set_managed_shutdown */
export function irqdSetManagedShutdown(data: IrqData): void { irqdSet(data, IRQD.MANAGED_SHUTDOWN); }
/** @kernel irqd_clr_managed_shutdown */
export function irqdClrManagedShutdown(data: IrqData): void { irqdClear(data, IRQD.MANAGED_SHUTDOWN); }
/** @kernel irqd_is_single_target */
export function irqdIsSingleTarget(data: IrqData): boolean { return irqdHas(data, IRQD.SINGLE_TARGET); }
/** The chip delivers to one CPU at a time, whatever the mask. @kernel irqd_set_single_target */
export function irqdSetSingleTarget(data: IrqData): void { irqdSet(data, IRQD.SINGLE_TARGET); }
/** @kernel irqd_is_level_type */
export function irqdIsLevelType(data: IrqData): boolean { return irqdHas(data, IRQD.LEVEL); }
/** @kernel irqd_is_wakeup_set */
export function irqdIsWakeupSet(data: IrqData): boolean { return irqdHas(data, IRQD.WAKEUP_STATE); }
/** @kernel irqd_is_wakeup_armed */
export function irqdIsWakeupArmed(data: IrqData): boolean { return irqdHas(data, IRQD.WAKEUP_ARMED); }
/** @kernel irqd_is_forwarded_to_vcpu */
export function irqdIsForwardedToVcpu(data: IrqData): boolean { return irqdHas(data, IRQD.FORWARDED_TO_VCPU); }
/** @kernel irqd_can_reserve */
export function irqdCanReserve(data: IrqData): boolean { return irqdHas(data, IRQD.CAN_RESERVE); }
/** @kernel irqd_set_can_reserve */
export function irqdSetCanReserve(data: IrqData): void { irqdSet(data, IRQD.CAN_RESERVE); }
/** @kernel irqd_clr_can_reserve */
export function irqdClrCanReserve(data: IrqData): void { irqdClear(data, IRQD.CAN_RESERVE); }
/** @kernel irqd_affinity_on_activate */
export function irqdAffinityOnActivate(data: IrqData): boolean { return irqdHas(data, IRQD.AFFINITY_ON_ACTIVATE); }
/** The affinity is programmed by the activation; before it is only stored. @kernel irqd_set_affinity_on_activate */
export function irqdSetAffinityOnActivate(data: IrqData): void { irqdSet(data, IRQD.AFFINITY_ON_ACTIVATE); }
/** @kernel irqd_is_handle_enforce_irqctx */
export function irqdIsHandleEnforceIrqctx(data: IrqData): boolean { return irqdHas(data, IRQD.HANDLE_ENFORCE_IRQCTX); }
/** From now on the flow may only run in hard irq context. @kernel irqd_set_handle_enforce_irqctx */
export function irqdSetHandleEnforceIrqctx(data: IrqData): void { irqdSet(data, IRQD.HANDLE_ENFORCE_IRQCTX); }
/** @kernel irqd_needs_resend_when_in_progress */
export function irqdNeedsResendWhenInProgress(data: IrqData): boolean { return irqdHas(data, IRQD.RESEND_WHEN_IN_PROGRESS); }
/** An arrival while the handler runs elsewhere is replayed afterwards. @kernel irqd_set_resend_when_in_progress */
export function irqdSetResendWhenInProgress(data: IrqData): void { irqdSet(data, IRQD.RESEND_WHEN_IN_PROGRESS); }

/** IRQ_TYPE_* recorded for the interrupt. @kernel irqd_get_trigger_type */
export function irqdGetTriggerType(data: IrqData): number { return data.common.state & IRQD.TRIGGER_MASK; }
/** Whether a type was ever recorded. @kernel irqd_trigger_type_was_set */
export function irqdTriggerTypeWasSet(data: IrqData): boolean { return irqdHas(data, IRQD.DEFAULT_TRIGGER_SET); }
/** Records a type without programming the chip. @kernel irqd_set_trigger_type */
export function irqdSetTriggerType(data: IrqData, type: number): void {
  irqdClear(data, IRQD.TRIGGER_MASK);
  irqdSet(data, (type & IRQD.TRIGGER_MASK) | IRQD.DEFAULT_TRIGGER_SET);
}
