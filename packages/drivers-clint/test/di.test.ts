import 'reflect-metadata';
import { CPUHP } from '@irqchip/cpuhp';
import { clint } from '@irqchip/drivers-clint';
import { clintModule } from '@irqchip/drivers-clint/di';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { CLOCK_EVENTS, CSR, HARTS, RISCV_IPI } from '@irqchip/riscv';
import { Container } from 'inversify';

test('the module contributes the driver', () => {
  const container = new Container();
  container.load(clintModule);
  expect(container.getAll(IRQCHIP_DRIVER)).toEqual([clint]);
  expect([clint.compatible, clint.stage]).toEqual([['riscv,clint0', 'sifive,clint0'], 'timer']);
  expect(clint.services).toEqual([HARTS, CSR, IPI_MUX, RISCV_IPI, CPUHP, CLOCK_EVENTS]);
});
