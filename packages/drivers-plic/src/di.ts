import 'reflect-metadata';
import { GENIRQ, type Genirq } from '@irqchip/genirq-core';
import { IRQCHIP_DRIVER, type IrqchipDriver } from '@irqchip/irqdomain';
import { ContainerModule } from 'inversify';
import { plic, plicEarly } from './plic.ts';
import { Plics, PLICS } from './plics.ts';

/** The PLIC driver, early and platform, and what the PLICs of a machine share. */
export const plicModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(PLICS).toResolvedValue((genirq: Genirq) => new Plics(genirq), [GENIRQ]).inSingletonScope();
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(plicEarly);
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(plic);
});
