import 'reflect-metadata';
import { IRQCHIP_DRIVER, type IrqchipDriver } from '@irqchip/irqdomain';
import { SMP, type Smp } from '@irqchip/smp';
import { ContainerModule } from 'inversify';
import { aplic } from './aplic/driver.ts';
import { APLIC_PARENT, AplicParent } from './aplic/idc.ts';
import { imsicEarly } from './imsic/early.ts';
import { Imsic, IMSIC_OPTIONS, IMSIC_SERVICE, type ImsicDriverOptions } from './imsic/imsic.ts';
import { imsicPlatform } from './imsic/platform.ts';
import { LOCAL_TIMERS, LocalTimers } from './local-timers.ts';

/** The drivers of IMSIC, both halves, and APLIC, and what they share; {@link IMSIC_OPTIONS} may be bound beside it. */
export const aiaModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(LOCAL_TIMERS).toResolvedValue((smp: Smp) => new LocalTimers(smp), [SMP]).inSingletonScope();
  bind(IMSIC_SERVICE)
    .toResolvedValue((options?: ImsicDriverOptions) => new Imsic(options), [{ serviceIdentifier: IMSIC_OPTIONS, optional: true }])
    .inSingletonScope();
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(imsicEarly);
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(imsicPlatform);
  bind(APLIC_PARENT).toDynamicValue(() => new AplicParent()).inSingletonScope();
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(aplic);
});
