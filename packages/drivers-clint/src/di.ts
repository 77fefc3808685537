import 'reflect-metadata';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { ContainerModule } from 'inversify';
import { clint } from './clint.ts';

/** The CLINT driver; needs the modules of riscv, ipi-mux and cpuhp. For machine-mode kernels. */
export const clintModule: ContainerModule = irqchipModule(clint);
