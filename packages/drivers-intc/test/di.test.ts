import 'reflect-metadata';
import { riscvIntc } from '@irqchip/drivers-intc';
import { riscvIntcModule } from '@irqchip/drivers-intc/di';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { CSR, HARTS } from '@irqchip/riscv';
import { Container } from 'inversify';

test('the module contributes the driver for both compatibles', () => {
  const container = new Container();
  container.load(riscvIntcModule);
  expect(container.getAll(IRQCHIP_DRIVER)).toEqual([riscvIntc]);
  expect([riscvIntc.compatible, riscvIntc.stage, riscvIntc.services]).toEqual([['riscv,cpu-intc', 'andestech,cpu-intc'], 'irqchip', [HARTS, CSR]]);
});
