import 'reflect-metadata';
import { GENIRQ, Genirq, GENIRQ_OPTIONS, type GenirqOptions } from '@irqchip/irqdesc';
import { SMP, type Smp } from '@irqchip/smp';
import { ContainerModule } from 'inversify';

/** Binds {@link GENIRQ}; needs {@link SMP}, takes {@link GENIRQ_OPTIONS} if bound. */
export const genirqModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind<Genirq>(GENIRQ)
    .toResolvedValue((smp: Smp, options: GenirqOptions | undefined) => new Genirq(smp, options), [SMP, { serviceIdentifier: GENIRQ_OPTIONS, optional: true }])
    .inSingletonScope();
});
