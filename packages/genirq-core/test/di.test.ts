import 'reflect-metadata';
import { Smp, SMP } from '@irqchip/smp';
import { Container } from 'inversify';
import { genirqModule } from '../src/di.ts';
import { GENIRQ, Genirq, GENIRQ_OPTIONS, type GenirqOptions } from '../src/index.ts';
import { codeOf } from './fixture.ts';

test('the module binds one Genirq, with options if there are any', () => {
  const container = new Container();
  const smp = new Smp({ nrCpus: 2 });
  container.bind<Smp>(SMP).toConstantValue(smp);
  container.load(genirqModule);
  const genirq = container.get<Genirq>(GENIRQ);
  expect([genirq.smp, genirq.linux, container.get<Genirq>(GENIRQ)]).toEqual([smp, '6.12', genirq]);

  const later = new Container();
  later.bind<Smp>(SMP).toConstantValue(smp);
  later.bind<GenirqOptions>(GENIRQ_OPTIONS).toConstantValue({ linux: '7.2' });
  later.load(genirqModule);
  expect(later.get<Genirq>(GENIRQ).linux).toBe('7.2');
});

test('the root handler is installed once, and runs in hard irq', () => {
  const smp = new Smp({ nrCpus: 1 });
  const genirq = new Genirq(smp);
  const seen: unknown[] = [];
  expect(genirq.hasRootHandler).toBe(false);
  genirq.setHandleIrq((cause) => { seen.push(cause, smp.cpus.inHardirq()); });
  expect(codeOf(() => genirq.setHandleIrq(() => undefined))).toBe('EBUSY');
  genirq.handleArchIrq(9);
  expect([seen, smp.cpus.inHardirq(), genirq.hasRootHandler]).toEqual([[9, true], false, true]);
});
