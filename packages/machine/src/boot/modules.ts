import { cpuhpModule } from '@irqchip/cpuhp/di';
import { aiaModule } from '@irqchip/drivers-aia/di';
import { imsicHardware } from '@irqchip/drivers-aia/hardware';
import { clintModule } from '@irqchip/drivers-clint/di';
import { clintModel } from '@irqchip/drivers-clint/hardware';
import { riscvIntcModule } from '@irqchip/drivers-intc/di';
import { sbiModule } from '@irqchip/drivers-sbi/di';
import { genirqModule } from '@irqchip/genirq-core/di';
import { ipiMuxModule } from '@irqchip/ipi-mux/di';
import { irqdomainModule } from '@irqchip/irqdomain/di';
import type { HardwareModel, PrivilegeMode } from '@irqchip/riscv';
import { riscvModule } from '@irqchip/riscv/di';
import type { ContainerModule } from 'inversify';

/** The rooms below the drivers: every machine needs them. */
export const coreModules: readonly ContainerModule[] = [genirqModule, irqdomainModule, cpuhpModule, ipiMuxModule, riscvModule];

/**
 * The drivers that a kernel of this mode is built with: a supervisor kernel has no CLINT driver, a machine-mode kernel no
 * firmware to call (CONFIG_RISCV_M_MODE).
 */
export function driverModules(mode: PrivilegeMode): readonly ContainerModule[] {
  return [riscvIntcModule, aiaModule, mode === 'M' ? clintModule : sbiModule];
}

/** The device models that come with this framework. */
export const hardwareModels: readonly HardwareModel[] = [imsicHardware, clintModel];
