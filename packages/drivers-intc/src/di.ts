import 'reflect-metadata';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { ContainerModule } from 'inversify';
import { riscvIntc } from './intc.ts';

/** The INTC driver; needs HARTS and CSR of `@irqchip/riscv`. */
export const riscvIntcModule: ContainerModule = irqchipModule(riscvIntc);
