import 'reflect-metadata';
import { GENIRQ, type Genirq } from '@irqchip/genirq-core';
import { ContainerModule } from 'inversify';
import { IRQ_DOMAINS, IrqDomains } from './domain/irq-domains.ts';
import { asIrqchipDriver, type DecoratedIrqchip } from './driver/decorator.ts';
import { IRQCHIP_DRIVER, type IrqchipDriver } from './driver/token.ts';

/** Binds {@link IRQ_DOMAINS}. */
export const irqdomainModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(IRQ_DOMAINS).toResolvedValue((genirq: Genirq) => new IrqDomains(genirq), [GENIRQ]).inSingletonScope();
});

/**
 * Contributes drivers to a machine, as results of `defineIrqchip` or classes under `@Irqchip`.
 * @throws IrqError `EINVAL` for a class that is not decorated.
 */
export function irqchipModule(...drivers: readonly (IrqchipDriver | DecoratedIrqchip)[]): ContainerModule {
  const contributed = drivers.map(asIrqchipDriver);
  return new ContainerModule(({ bind }) => {
    for (const driver of contributed) bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(driver);
  });
}
