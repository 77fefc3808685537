import type { IrqData } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { chipOf, irqDataGetChipType } from './generic-chip.ts';

/*
 * Ready-made chip callbacks: assign them to `type.chip` and set the register offsets that their comments name. All run where
 * chip callbacks run, with the descriptor locked and interrupts off, and take the chip's own lock: its lines share registers.
 * What a register throws is thrown on, with that lock released: `EINVAL` where `gc.regs` was never set.
 */

/** Does nothing. @kernel irq_gc_noop */
export function irqGcNoop(_data: IrqData): void { /* by design */ }

/** Writes the line's bit to `disable`. @kernel irq_gc_mask_disable_reg */
export function irqGcMaskDisableReg(data: IrqData): void {
  const gc = chipOf(data);
  const type = irqDataGetChipType(data);
  gc.lock.lock();
  try {
    gc.writel(type.regs.disable ?? 0, data.mask);
    type.maskCache.value &= ~data.mask;
  } finally {
    gc.lock.unlock();
  }
}

/** Sets the line's bit in `mask`: 1 is off. @kernel irq_gc_mask_set_bit */
export function irqGcMaskSetBit(data: IrqData): void {
  const gc = chipOf(data);
  const type = irqDataGetChipType(data);
  gc.lock.lock();
  try {
    type.maskCache.value |= data.mask;
    gc.writel(type.regs.mask ?? 0, type.maskCache.value);
  } finally {
    gc.lock.unlock();
  }
}

/** Clears the line's bit in `mask`: 0 is off, or the unmask of {@link irqGcMaskSetBit}. @kernel irq_gc_mask_clr_bit */
export function irqGcMaskClrBit(data: IrqData): void {
  const gc = chipOf(data);
  const type = irqDataGetChipType(data);
  gc.lock.lock();
  try {
    type.maskCache.value &= ~data.mask;
    gc.writel(type.regs.mask ?? 0, type.maskCache.value);
  } finally {
    gc.lock.unlock();
  }
}

/** Writes the line's bit to `enable`. @kernel irq_gc_unmask_enable_reg */
export function irqGcUnmaskEnableReg(data: IrqData): void {
  const gc = chipOf(data);
  const type = irqDataGetChipType(data);
  gc.lock.lock();
  try {
    gc.writel(type.regs.enable ?? 0, data.mask);
    type.maskCache.value |= data.mask;
  } finally {
    gc.lock.unlock();
  }
}

/** Writes the line's bit to `ack`. @kernel irq_gc_ack_set_bit */
export function irqGcAckSetBit(data: IrqData): void {
  const gc = chipOf(data);
  gc.lock.lock();
  try {
    gc.writel(irqDataGetChipType(data).regs.ack ?? 0, data.mask);
  } finally {
    gc.lock.unlock();
  }
}

/** Writes all bits but the line's to `ack`. @kernel irq_gc_ack_clr_bit */
export function irqGcAckClrBit(data: IrqData): void {
  const gc = chipOf(data);
  gc.lock.lock();
  try {
    gc.writel(irqDataGetChipType(data).regs.ack ?? 0, ~data.mask);
  } finally {
    gc.lock.unlock();
  }
}

/** For `irqMaskAck`: writes the line's bit to `disable`, then to `ack`. @kernel irq_gc_mask_disable_and_ack_set */
export function irqGcMaskDisableAndAckSet(data: IrqData): void {
  const gc = chipOf(data);
  const type = irqDataGetChipType(data);
  gc.lock.lock();
  try {
    gc.writel(type.regs.disable ?? 0, data.mask);
    type.maskCache.value &= ~data.mask;
    gc.writel(type.regs.ack ?? 0, data.mask);
  } finally {
    gc.lock.unlock();
  }
}

/** Writes the line's bit to `eoi`. @kernel irq_gc_eoi */
export function irqGcEoi(data: IrqData): void {
  const gc = chipOf(data);
  gc.lock.lock();
  try {
    gc.writel(irqDataGetChipType(data).regs.eoi ?? 0, data.mask);
  } finally {
    gc.lock.unlock();
  }
}

/**
 * Remembers in `wakeActive` which lines shall wake the machine.
 * @throws IrqError `EINVAL` for a line that is not in `wakeEnabled`.
 * @kernel irq_gc_set_wake
 */
export function irqGcSetWake(data: IrqData, on: boolean): void {
  const gc = chipOf(data);
  if ((gc.wakeEnabled & data.mask) === 0) {
    throw new IrqError('EINVAL', `irq ${data.irq}: line ${data.hwirq} of ${data.chip.name} cannot wake the machine; set its bit in wakeEnabled if it can.`);
  }
  gc.lock.lock();
  if (on) gc.wakeActive |= data.mask;
  else gc.wakeActive &= ~data.mask;
  gc.lock.unlock();
}
