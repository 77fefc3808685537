import { GENIRQ } from '@irqchip/genirq-core';
import { SMP, serviceToken } from '@irqchip/smp';
import { Container, ContainerModule } from 'inversify';
import { irqchipModule, irqdomainModule } from '../src/di.ts';
import { asIrqchipDriver, defineIrqchip, IRQ_DOMAINS, Irqchip, IRQCHIP_DRIVER, IrqDomains, type IrqchipDriver, type ProbeContext } from '../src/index.ts';
import { bench, codeOf } from './bench.ts';
import { mux8 } from './mux8.ts';

class Answer { readonly value = 42; }
const ANSWER = serviceToken<Answer>('test', 'Answer');

@Irqchip({ compatible: 'acme,decorated', services: [ANSWER] })
class Decorated {
  constructor(private readonly answer: Answer) {}
  probe({ node }: ProbeContext): string { return `${node.name} ${this.answer.value}`; }
}

test('the module gives one IrqDomains, of the container\'s genirq', () => {
  const { genirq, smp } = bench();
  const container = new Container();
  container.load(irqdomainModule, new ContainerModule(({ bind }) => {
    bind(SMP).toConstantValue(smp);
    bind(GENIRQ).toConstantValue(genirq);
  }));
  const domains = container.get<IrqDomains>(IRQ_DOMAINS);
  expect(domains).toBeInstanceOf(IrqDomains);
  expect([domains.genirq, container.get(IRQ_DOMAINS)]).toEqual([genirq, domains]);
});

test('drivers from several modules come together, factories and decorated classes alike', () => {
  const container = new Container();
  container.load(irqchipModule(mux8, Decorated), irqchipModule(defineIrqchip('acme,third', () => null)));
  expect(container.getAll<IrqchipDriver>(IRQCHIP_DRIVER).map(({ name }) => name)).toEqual(['acme,mux8', 'acme,decorated', 'acme,third']);
});

test('a decorated class is probed with its services', () => {
  const driver = asIrqchipDriver(Decorated);
  expect([driver.compatible, driver.services, driver.probe({ node: { name: 'n' } } as ProbeContext, [new Answer()])]).toEqual([['acme,decorated'], [ANSWER], 'n 42']);
});

test('a class without the decorator is refused, a subclass of a decorated one too', () => {
  class Plain { probe(): void {} }
  class Sub extends Decorated {}
  expect([codeOf(() => irqchipModule(Plain)), codeOf(() => asIrqchipDriver(Sub))]).toEqual(['EINVAL', 'EINVAL']);
});
