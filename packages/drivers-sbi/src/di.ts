import 'reflect-metadata';
import { IRQCHIP_DRIVER, type IrqchipDriver } from '@irqchip/irqdomain';
import { ContainerModule } from 'inversify';
import { sbiIpi } from './sbi-ipi.ts';

/** IPIs through the firmware, for machines whose irqchip drivers provide none. */
export const sbiModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(sbiIpi);
});
