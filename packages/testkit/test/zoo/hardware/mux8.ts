import type { HardwareModel } from '@irqchip/riscv';
import { Mux8Hardware } from '../../fixtures/mux8/hardware.ts';

export const hardware = (): HardwareModel => new Mux8Hardware();
