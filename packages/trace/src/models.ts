import * as aia from '@irqchip/drivers-aia/hardware';
import * as clint from '@irqchip/drivers-clint/hardware';
import * as plic from '@irqchip/drivers-plic/hardware';
import type { HardwareModel } from '@irqchip/riscv';

/** The models of this framework's controllers: whatever their packages offer. */
export const deviceModels: readonly HardwareModel[] = [clint, plic, aia].flatMap((models) => Object.values<unknown>(models)).filter(isModel);

function isModel(value: unknown): value is HardwareModel {
  return typeof value === 'object' && value !== null && 'compatible' in value && 'create' in value;
}
