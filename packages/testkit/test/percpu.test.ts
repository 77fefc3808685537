import { IRQ_TYPE } from '@irqchip/genirq-core';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { bench, type Bench, type BenchOptions } from '@irqchip/testkit';
import { mux8Bench } from './fixtures/mux8/index.ts';
import { driver } from './zoo/drivers/locals.ts';
import { hardware } from './zoo/hardware/locals.ts';
import { said } from './fixtures/said.ts';

function localsBench(more: Partial<BenchOptions> = {}): Bench {
  return bench({ modules: [irqchipModule(driver)], compatible: 'acme,locals', hardware, harts: 'all', cpus: 3, ...more });
}

test('a per-CPU line runs where it was enabled, with that CPU\'s device id', () => {
  const b = localsBench();
  const tick = b.requestPercpu(3);
  for (const cpu of [1, 2]) tick.enable(cpu);
  for (const cpu of [2, 1, 0]) b.pulse(3, cpu);
  expect(tick).toHaveFired(2);
  expect([tick.ranOn, tick.devIds]).toEqual([[2, 1], [2, 1]]);
  expect(b.line(3).firedOn).toEqual([0, 1, 1]);
  expect(b).toPrintInterrupts('0 1 1 locals 3 Edge line3');
  expect(b.trace.slice(-3)).toEqual(['handlePercpuDevidIrq(3)', 'locals.irqAck(3)', 'line3()']);
});

test('each CPU enables and disables it for itself; what its controller remembers comes then', () => {
  const b = localsBench();
  const tick = b.requestPercpu(3, (_irq, request) => { if (request.fired === 2) tick.disable(1); });
  for (const cpu of [0, 1, 2]) tick.enable(cpu);
  b.pulse(3, 1);
  expect(tick).toHaveRunOn(1);
  b.pulse(3, 1);
  b.pulse(3, 1);
  b.pulse(3, 2);
  expect(tick.ranOn).toEqual([1, 1, 2]);
  tick.enable(1, IRQ_TYPE.NONE);
  expect(tick.ranOn).toEqual([1, 1, 2, 1]);
});

test('matchers of a state want its CPU for per-CPU lines, and none for others', () => {
  const b = localsBench();
  const tick = b.requestPercpu(3);
  tick.enable(1);
  expect(tick).toBeEnabled(1);
  expect(tick).not.toBeEnabled(0);
  expect(tick).toBeMasked(0);
  expect(b.line(3)).not.toBeMasked(1);
  expect(tick).toStayMasked(2);
  expect(tick).not.toStayMasked(1);
  expect(tick).not.toBePending(0);
  expect(tick).toHaveFired(1);
  expect(said(() => expect(tick).toBeMasked(1))).toMatch(/^Line 3 is not masked on CPU 1\.\n[^]*\n {2}enabled on CPUs: 1\n/);
  expect(said(() => expect(tick).toStayMasked(1))).toMatch(/^Line 3 was raised on CPU 1, and its flow handler ran once\.\n/);
  expect(said(() => expect(tick).toBeMasked())).toBe('line 3 is a per-CPU line: say of which CPU, toBeMasked(0).');
  expect(said(() => expect(mux8Bench().line(3)).toBeMasked(0))).toBe('line 3 is the same for all CPUs: toBeMasked() takes none.');
});

test('a per-CPU line is driven of a CPU, another of none', () => {
  const percpu = localsBench();
  expect(() => percpu.pulse(3)).toThrow(expect.objectContaining({ code: 'EINVAL', message: 'line 3 is a per-CPU line: say of which CPU, as in pulse(3, 0)' }));
  const wired = mux8Bench();
  expect(() => wired.hold(3, 0)).toThrow(expect.objectContaining({ code: 'EINVAL', message: 'line 3 is the same for all CPUs: leave CPU 0 out' }));
});

test('it is freed once no CPU has it enabled, as in the kernel', () => {
  const b = localsBench();
  const tick = b.requestPercpu(3);
  tick.enable(2);
  tick.free();
  expect(b).toHaveReported(/^percpu IRQ \d+ still enabled on CPU2!$/);
  tick.disable(2);
  tick.free();
  expect(() => b.requestPercpu(3)).not.toThrow();
});

test('the lines of a CPU that is down can be driven', () => {
  const b = localsBench();
  const tick = b.requestPercpu(3);
  b.cpuDown(1);
  b.hold(3, 1);
  b.lower(3, 1);
  expect(() => tick.enable(1)).toThrow('CPU 1 is not online');
  b.cpuUp(1);
  expect(tick).toHaveFired(0);
  tick.enable(1);
  expect(tick).toHaveRunOn(1);
});

test('a line that is no per-CPU line is refused', () => {
  expect(() => mux8Bench().requestPercpu(3)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

describe('which input of the model is a line of a CPU', () => {
  test('one hart\'s after the other\'s, as many each as the domain has lines', () => {
    const b = localsBench();
    expect([b.input(3, 0), b.input(0, 1), b.input(7, 2)]).toEqual([3, 8, 23]);
  });

  test('hartids count, and not CPU numbers', () => {
    const b = localsBench({ bootHart: 2 });
    const tick = b.requestPercpu(3);
    tick.enable(0);
    expect(b.input(3, 0)).toBe(19);
    b.pulse(3, 0);
    expect(tick).toHaveRunOn(0);
  });

  test('as many each as is said, or as a function says', () => {
    expect(localsBench({ input: 100 }).input(3, 2)).toBe(203);
    expect(localsBench({ input: (hartid, line) => 1000 * hartid + line, bootHart: 2 }).input(3, 0)).toBe(2003);
  });

  test('a hart that the node is not wired to has none', () => {
    expect(() => localsBench({ harts: 'boot', cpus: 1, nodes: '' }).input(3, 1)).toThrow('CPU 1 has no hart');
    const b = localsBench({ parents: '&intc0 9 &intc1 9', cpus: 2 });
    expect(b.input(3, 1)).toBe(11);
    const wired = mux8Bench({ cpus: 2 });
    expect(() => wired.input(3, 1)).toThrow(/^which input of \/interrupt-controller@10000000 is line 3 of hart 1\? no entry of its interrupts leads to hart 1; say it with the option input/);
  });

  test('of a hart\'s local controller they are the hart\'s own, as far as those have wires', () => {
    const b = localsBench({ node: '/cpus/cpu@0/interrupt-controller' });
    const pmu = b.requestPercpu(13, () => b.lower(13, 1));
    pmu.enable(1);
    b.hold(13, 1);
    expect(pmu).toHaveRunOn(1);
    b.requestPercpu(40);
    expect(() => b.pulse(40, 1)).toThrow('local interrupt 40 has no wire: harts have those of 0 to 31.');
  });
});

test('a model with a way of its own to be driven is told the CPU', () => {
  const told: unknown[] = [];
  const model = { ...hardware(), create: () => ({ devices: [{ read: () => 0, write: () => undefined }] }), pulse: (line: number, cpu?: number) => void told.push([line, cpu]) };
  localsBench({ hardware: model }).pulse(3, 2);
  expect(told).toEqual([[3, 2]]);
});
