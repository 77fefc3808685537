import { aplicHardware, imsicHardware } from '@irqchip/drivers-aia/hardware';
import { clintModel, mswiModel, mtimerModel, sswiModel } from '@irqchip/drivers-clint/hardware';
import { plicHardware } from '@irqchip/drivers-plic/hardware';
import type { HardwareModel } from '@irqchip/riscv';

/** The models of this framework's controllers. */
export const deviceModels: readonly HardwareModel[] = [clintModel, mswiModel, mtimerModel, sswiModel, plicHardware, aplicHardware, imsicHardware];
