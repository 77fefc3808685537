import { imsicHardware } from '@irqchip/drivers-aia/hardware';
import { clintModel } from '@irqchip/drivers-clint/hardware';
import type { HardwareModel } from '@irqchip/riscv';

/** The device models that come with this framework. */
export const hardwareModels: readonly HardwareModel[] = [imsicHardware, clintModel];
