import 'reflect-metadata';
import { CPUHP } from '@irqchip/cpuhp';
import { plic, plicEarly, Plics, PLICS } from '@irqchip/drivers-plic';
import { plicModule } from '@irqchip/drivers-plic/di';
import { plicHardware } from '@irqchip/drivers-plic/hardware';
import { Genirq, GENIRQ } from '@irqchip/genirq-core';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { HARTS } from '@irqchip/riscv';
import { Smp } from '@irqchip/smp';
import { Container } from 'inversify';

test('the module contributes both drivers, and one Plics for the machine', () => {
  const container = new Container();
  container.load(plicModule);
  container.bind(GENIRQ).toConstantValue(new Genirq(new Smp({ nrCpus: 2 })));
  expect(container.getAll(IRQCHIP_DRIVER)).toEqual([plicEarly, plic]);
  expect(container.get(PLICS)).toBeInstanceOf(Plics);
  expect(container.get(PLICS)).toBe(container.get(PLICS));
});

test('the drivers match what the kernel\'s match, and the model what they match', () => {
  expect([plic.name, plic.stage, plic.compatible]).toEqual(['riscv-plic', 'platform', ['sifive,plic-1.0.0', 'riscv,plic0', 'andestech,nceplic100', 'thead,c900-plic', 'ultrarisc,cp100-plic']]);
  expect(plic.services).toEqual([HARTS, CPUHP, PLICS]);
  expect(plicEarly.services).toEqual(plic.services);
  expect([...plicHardware.compatible].sort()).toEqual([...plic.compatible, ...plicEarly.compatible].sort());
});
