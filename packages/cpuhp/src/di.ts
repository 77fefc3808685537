import 'reflect-metadata';
import { SMP, type Smp } from '@irqchip/smp';
import { ContainerModule } from 'inversify';
import { CpuHotplug, type CpuHotplugOptions } from './cpu-hotplug.ts';
import { CPUHP, CPUHP_OPTIONS } from './tokens.ts';

/** Binds {@link CPUHP}; needs `SMP`, and takes {@link CPUHP_OPTIONS} if they are bound. */
export const cpuhpModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(CPUHP)
    .toResolvedValue(
      (smp: Smp, options?: CpuHotplugOptions) => new CpuHotplug(smp, options),
      [SMP, { optional: true, serviceIdentifier: CPUHP_OPTIONS }],
    )
    .inSingletonScope();
});
