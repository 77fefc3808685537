import { IRQ_SET_MASK, irqChipComposeMsiMsg, irqChipSetAffinityParent, type IrqData, type MsiMsg } from '@irqchip/genirq-core';
import type { CpuMask } from '@irqchip/smp';

/**
 * Has the hierarchy compose the message of an interrupt, and writes it to the device. Descriptor locked or not yet used.
 * @throws IrqError `ENOSYS` when no chip can compose one; the kernel stops there.
 */
export function writeMessage(data: IrqData): void {
  const msg: MsiMsg = { addressLo: 0, addressHi: 0, data: 0 };
  irqChipComposeMsiMsg(data, msg);
  data.chip.irqWriteMsiMsg!(data, msg);
}

/** Writes a message of zeros: whatever the device sends from now on goes nowhere. */
export function clearMessage(data: IrqData): void {
  data.chip.irqWriteMsiMsg!(data, { addressLo: 0, addressHi: 0, data: 0 });
}

/**
 * Moves an interrupt at its parent, and tells the device unless the parent did so itself (OK_DONE). Descriptor locked.
 * @returns the parent's IRQ_SET_MASK value.
 * @throws IrqError what the parent throws, the message unchanged; `ENOSYS` when it cannot move interrupts.
 * @kernel msi_domain_set_affinity
 */
export function msiDomainSetAffinity(data: IrqData, mask: CpuMask, force: boolean): number {
  const result = irqChipSetAffinityParent(data, mask, force);
  if (result !== IRQ_SET_MASK.OK_DONE) writeMessage(data);
  return result;
}
