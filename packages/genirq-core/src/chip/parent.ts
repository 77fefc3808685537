import { IRQCHIP, type IrqchipIrqState, type IrqData, type MsiMsg } from '@irqchip/irqdesc';
import { IrqError, type CpuMask } from '@irqchip/smp';

// Ready-made callbacks for a chip in a hierarchy: they ask the controller towards the root. All of them need a parent; one that lacks
// the callback is `ENOSYS`, where C would call a null pointer.

function lacks(parent: IrqData, callback: string): IrqError {
  return new IrqError('ENOSYS', `irq ${parent.irq}: the parent chip ${parent.chip.name} has no ${callback}, which its child calls: add it there.`);
}

/** @kernel irq_chip_mask_parent */
export function irqChipMaskParent({ parentData }: IrqData): void {
  const parent = parentData!;
  if (!parent.chip.irqMask) throw lacks(parent, 'irqMask');
  parent.chip.irqMask(parent);
}

/** @kernel irq_chip_unmask_parent */
export function irqChipUnmaskParent({ parentData }: IrqData): void {
  const parent = parentData!;
  if (!parent.chip.irqUnmask) throw lacks(parent, 'irqUnmask');
  parent.chip.irqUnmask(parent);
}

/** @kernel irq_chip_mask_ack_parent */
export function irqChipMaskAckParent({ parentData }: IrqData): void {
  const parent = parentData!;
  if (!parent.chip.irqMaskAck) throw lacks(parent, 'irqMaskAck');
  parent.chip.irqMaskAck(parent);
}

/** @kernel irq_chip_ack_parent */
export function irqChipAckParent({ parentData }: IrqData): void {
  const parent = parentData!;
  if (!parent.chip.irqAck) throw lacks(parent, 'irqAck');
  parent.chip.irqAck(parent);
}

/** @kernel irq_chip_eoi_parent */
export function irqChipEoiParent({ parentData }: IrqData): void {
  const parent = parentData!;
  if (!parent.chip.irqEoi) throw lacks(parent, 'irqEoi');
  parent.chip.irqEoi(parent);
}

/** Enables, or unmasks, at the parent. @kernel irq_chip_enable_parent */
export function irqChipEnableParent(data: IrqData): void {
  const parent = data.parentData!;
  if (parent.chip.irqEnable) parent.chip.irqEnable(parent);
  else irqChipUnmaskParent(data);
}

/** Disables, or masks, at the parent. @kernel irq_chip_disable_parent */
export function irqChipDisableParent(data: IrqData): void {
  const parent = data.parentData!;
  if (parent.chip.irqDisable) parent.chip.irqDisable(parent);
  else irqChipMaskParent(data);
}

/** Starts, or enables, at the parent. Throws what the parent throws. @kernel irq_chip_startup_parent */
export function irqChipStartupParent(data: IrqData): void {
  const parent = data.parentData!;
  if (parent.chip.irqStartup) parent.chip.irqStartup(parent);
  else irqChipEnableParent(data);
}

/** Shuts down, or disables, at the parent. @kernel irq_chip_shutdown_parent */
export function irqChipShutdownParent(data: IrqData): void {
  const parent = data.parentData!;
  if (parent.chip.irqShutdown) parent.chip.irqShutdown(parent);
  else irqChipDisableParent(data);
}

/** Throws `ENOSYS` when the parent cannot, and what it throws. @kernel irq_chip_set_affinity_parent */
export function irqChipSetAffinityParent(data: IrqData, dest: CpuMask, force: boolean): number {
  const parent = data.parentData!;
  if (!parent.chip.irqSetAffinity) throw lacks(parent, 'irqSetAffinity');
  return parent.chip.irqSetAffinity(parent, dest, force);
}

/** Throws `ENOSYS` when the parent cannot, and what it throws. @kernel irq_chip_set_type_parent */
export function irqChipSetTypeParent(data: IrqData, type: number): number {
  const parent = data.parentData!;
  if (!parent.chip.irqSetType) throw lacks(parent, 'irqSetType');
  return parent.chip.irqSetType(parent, type);
}

/** Throws `ENOSYS` when the parent neither can nor need not, and what it throws. @kernel irq_chip_set_wake_parent */
export function irqChipSetWakeParent(data: IrqData, on: boolean): void {
  const parent = data.parentData!;
  if ((parent.chip.flags ?? 0) & IRQCHIP.SKIP_SET_WAKE) return;
  if (!parent.chip.irqSetWake) throw lacks(parent, 'irqSetWake');
  parent.chip.irqSetWake(parent, on);
}

/** Throws `ENOSYS` when the parent cannot, and what it throws. @kernel irq_chip_set_vcpu_affinity_parent */
export function irqChipSetVcpuAffinityParent(data: IrqData, info: unknown): void {
  const parent = data.parentData!;
  if (!parent.chip.irqSetVcpuAffinity) throw lacks(parent, 'irqSetVcpuAffinity');
  parent.chip.irqSetVcpuAffinity(parent, info);
}

/** Throws what the parent throws. @kernel irq_chip_request_resources_parent */
export function irqChipRequestResourcesParent({ parentData }: IrqData): void { parentData!.chip.irqRequestResources?.(parentData!); }
/** @kernel irq_chip_release_resources_parent */
export function irqChipReleaseResourcesParent({ parentData }: IrqData): void { parentData!.chip.irqReleaseResources?.(parentData!); }

/** False without a parent or a callback. @kernel irq_chip_get_parent_state */
export function irqChipGetParentState({ parentData }: IrqData, which: IrqchipIrqState): boolean {
  return parentData?.chip.irqGetIrqchipState?.(parentData, which) ?? false;
}

/** Nothing without a parent or a callback. @kernel irq_chip_set_parent_state */
export function irqChipSetParentState({ parentData }: IrqData, which: IrqchipIrqState, state: boolean): void {
  parentData?.chip.irqSetIrqchipState?.(parentData, which, state);
}

/** Asks the nearest parent that can raise the interrupt again; false when none can. @kernel irq_chip_retrigger_hierarchy */
export function irqChipRetriggerHierarchy(data: IrqData): boolean {
  for (let parent = data.parentData; parent !== null; parent = parent.parentData) {
    if (parent.chip?.irqRetrigger) return parent.chip.irqRetrigger(parent);
  }
  return false;
}

/** Has the outermost level that can compose `msg`. Throws `ENOSYS` when none can. @kernel irq_chip_compose_msi_msg */
export function irqChipComposeMsiMsg(data: IrqData, msg: MsiMsg): void {
  for (let level: IrqData | null = data; level !== null; level = level.parentData) {
    if (level.chip?.irqComposeMsiMsg) return level.chip.irqComposeMsiMsg(level, msg);
  }
  throw new IrqError('ENOSYS', `irq ${data.irq}: no chip of its hierarchy has irqComposeMsiMsg, so it has no MSI message.`);
}
