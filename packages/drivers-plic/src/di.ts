import 'reflect-metadata';
import { ContainerModule } from 'inversify';

/** The PLIC driver. */
export const plicModule: ContainerModule = new ContainerModule(() => {});
