import 'reflect-metadata';
import { CPUHP } from '@irqchip/cpuhp';
import { cpuhpModule } from '@irqchip/cpuhp/di';
import { genirqModule } from '@irqchip/genirq-core/di';
import { IRQCHIP_DRIVER } from '@irqchip/irqdomain';
import { irqdomainModule } from '@irqchip/irqdomain/di';
import { CLOCK_EVENTS, ClockEvent, CSR, HARTS, RISCV_IPI, riscvTimer, SBI, type ClockEvents, type RiscvIpi } from '@irqchip/riscv';
import { riscvModule } from '@irqchip/riscv/di';
import { SMP, Smp } from '@irqchip/smp';
import { Container } from 'inversify';

function machine(): { container: Container; smp: Smp } {
  const container = new Container();
  const smp = new Smp({ nrCpus: 2 });
  container.bind(SMP).toConstantValue(smp);
  container.load(genirqModule, irqdomainModule, cpuhpModule, riscvModule);
  return { container, smp };
}

test('a machine gets its own IPI layer and timers, once', () => {
  const a = machine().container;
  const b = machine().container;
  expect(a.get(RISCV_IPI)).toBe(a.get(RISCV_IPI));
  expect(a.get(CLOCK_EVENTS)).toBe(a.get(CLOCK_EVENTS));
  expect(a.get(RISCV_IPI)).not.toBe(b.get(RISCV_IPI));
});

test('the timer driver is contributed, and what it needs has a token', () => {
  const { container } = machine();
  expect(container.getAll(IRQCHIP_DRIVER)).toEqual([riscvTimer]);
  expect(riscvTimer.services).toEqual([HARTS, CSR, SBI, CPUHP, CLOCK_EVENTS]);
  expect(riscvTimer.stage).toBe('timer');
});

test('a timer broadcast runs the handler of the CPU\'s timer', () => {
  const { container, smp } = machine();
  const events = container.get<ClockEvents>(CLOCK_EVENTS);
  let ticks = 0;
  events.register(new ClockEvent(smp, 'test', 0, 1000, () => undefined));
  events.onEvent(0, () => ticks++);
  container.get<RiscvIpi>(RISCV_IPI)['callbacks'].timerBroadcast!(0);
  expect(ticks).toBe(1);
});
