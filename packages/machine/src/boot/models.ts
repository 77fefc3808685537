import { aplicHardware, imsicHardware } from '@irqchip/drivers-aia/hardware';
import { clintModel, mswiModel, mtimerModel, sswiModel } from '@irqchip/drivers-clint/hardware';
import { plicHardware } from '@irqchip/drivers-plic/hardware';
import type { HardwareModel } from '@irqchip/riscv';

/** The device models that come with this framework. */
export const hardwareModels: readonly HardwareModel[] = [imsicHardware, aplicHardware, clintModel, mswiModel, mtimerModel, sswiModel, plicHardware];
