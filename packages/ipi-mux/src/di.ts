import 'reflect-metadata';
import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import { IRQ_DOMAINS, type IrqDomains } from '@irqchip/irqdomain';
import { ContainerModule } from 'inversify';
import { IPI_MUX, IpiMuxes } from './muxes.ts';

/** Binds {@link IPI_MUX}; needs the modules of irqdomain and cpuhp. */
export const ipiMuxModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(IPI_MUX)
    .toResolvedValue((domains: IrqDomains, cpuhp: CpuHotplug) => new IpiMuxes(domains, cpuhp), [IRQ_DOMAINS, CPUHP])
    .inSingletonScope();
});
