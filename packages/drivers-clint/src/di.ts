import 'reflect-metadata';
import { IRQCHIP_DRIVER, type IrqchipDriver } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { SMP, type Smp } from '@irqchip/smp';
import { ContainerModule } from 'inversify';
import { clint } from './clint.ts';
import { aclintSswi } from './sswi/driver.ts';
import { ACLINT_SSWI, AclintSswi, SSWI_OPTIONS, type SswiOptions } from './sswi/sswi.ts';

/** The CLINT driver; needs the modules of riscv, ipi-mux and cpuhp. For machine-mode kernels. */
export const clintModule: ContainerModule = irqchipModule(clint);

/** The SSWI driver; needs the same. For supervisor kernels; {@link SSWI_OPTIONS} may be bound beside it. */
export const sswiModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(ACLINT_SSWI)
    .toResolvedValue((smp: Smp, options?: SswiOptions) => new AclintSswi(smp, options), [SMP, { serviceIdentifier: SSWI_OPTIONS, optional: true }])
    .inSingletonScope();
  bind<IrqchipDriver>(IRQCHIP_DRIVER).toConstantValue(aclintSswi);
});
