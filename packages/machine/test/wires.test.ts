import { IRQ_HANDLED, IRQ_NONE, irqSetAffinity, irqToDesc, requestIrq } from '@irqchip/genirq-core';
import { CpuMask } from '@irqchip/smp';
import { createMachine, type Machine, type MachineOptions } from '../src/index.ts';
import { mux8Bench } from './fixtures/mux8/bench.ts';
import { bootRecorded, dtb, RECORDINGS } from './recordings.ts';

const SERIAL = '/soc/serial@10000000';
const PLIC4 = 'linux-6.12-debugfs/plic-smp4';

function machine(): Machine { return createMachine({ tree: dtb(PLIC4, 'qemu.dtb') }); }
function counts(m: Machine, irq: number): number[] { return [0, 1, 2, 3].map((cpu) => irqToDesc(m.genirq, irq)!.countOn(cpu)); }

test('a raised wire runs the handler of the device, which lowers it again', () => {
  const m = machine();
  const wire = m.wire(SERIAL);
  wire.raise();
  m.settle();
  expect([wire.level, counts(m, m.irqOf(SERIAL)), m.consumers[0]]).toEqual([false, [1, 0, 0, 0], expect.objectContaining({ name: 'ttyS0', handled: 1 })]);
});

test('the running CPU takes the interrupt as soon as the wire goes up, another CPU when the machine settles', () => {
  const m = machine();
  const irq = m.irqOf(SERIAL);
  m.wire(SERIAL).raise();
  expect(counts(m, irq)).toEqual([1, 0, 0, 0]);
  m.on(0, () => irqSetAffinity(m.genirq, irq, CpuMask.of(4, 2)));
  m.wire(SERIAL).raise();
  expect(counts(m, irq)).toEqual([1, 0, 0, 0]);
  m.settle();
  expect(counts(m, irq)).toEqual([1, 0, 1, 0]);
});

test('with interrupts off the running CPU takes it once they are on', () => {
  const m = machine();
  const seen: number[] = [];
  m.on(0, () => {
    m.smp.cpus.localIrqDisable();
    m.wire(SERIAL).raise();
    seen.push(m.consumers[0]!.handled);
    m.smp.cpus.localIrqEnable();
    seen.push(m.consumers[0]!.handled);
  });
  expect(seen).toEqual([0, 1]);
});

test('a pulse is one interrupt, and leaves the wire low', () => {
  const m = machine();
  m.wire(SERIAL).pulse();
  m.settle();
  expect([m.wire(SERIAL).level, m.consumers[0]!.handled]).toEqual([false, 1]);
});

test('a device has one wire, however often it is asked for', () => {
  const m = machine();
  expect(m.wire(SERIAL)).toBe(m.wire(SERIAL, 0));
  expect(m.consumers[0]!.wire).toBe(m.wire(SERIAL));
});

test('a pin is high while any wire that ends there is', () => {
  const m = machine();
  const [one, other] = [m.wire(SERIAL), m.pin('/soc/plic@c000000', 10)];
  m.on(0, () => {
    m.smp.cpus.localIrqDisable();
    other.raise();
    one.raise();
    other.lower();
    expect([one.level, other.level]).toEqual([true, false]);
    m.smp.cpus.localIrqEnable();
  });
  m.settle();
  expect([one.level, m.consumers[0]!.handled]).toEqual([false, 1]);
});

test('every wire of every recorded board reaches the consumer that requested it', () => {
  for (const recording of RECORDINGS) {
    const m = bootRecorded(recording, recording.trees[0]!);
    // Interrupts of other CPUs are enabled there at their next tick.
    m.advance(10e6);
    for (const consumer of m.consumers) {
      if (consumer.wire === null) continue;
      const before = consumer.handled;
      consumer.wire.raise();
      m.settle();
      expect([recording.board, consumer.name, consumer.handled - before, consumer.wire.level]).toEqual([recording.board, consumer.name, 1, false]);
    }
    expect(m.consumers.length).toBeGreaterThan(1);
    expect(m.smp.diagnostics.open).toEqual([]);
  }
});

describe('a device whose handler does not make it quiet', () => {
  function deaf(name: string, more: Partial<MachineOptions> = {}, returns: number = IRQ_HANDLED): Machine {
    const m = createMachine({ tree: dtb(`linux-6.12-debugfs/${name}`, 'qemu.dtb'), consumers: 'none', ...more });
    requestIrq(m.genirq, m.irqOf(SERIAL), () => returns, 0, 'deaf', m);
    m.advance(10e6);
    return m;
  }

  test('is a storm, and said to be one, with its handler', () => {
    const m = deaf('imsic-smp4');
    expect(() => m.wire(SERIAL).raise()).toThrow(expect.objectContaining({
      code: 'EDEADLK', message: expect.stringMatching(/^Interrupt storm on hart 0: local interrupt 9 .* the last handler was deaf of irq 11\. Does the handler make its device let go/),
    }));
  }, 60_000);

  test('is one sooner where the options say so', () => {
    const m = deaf('imsic-smp4', { stormLimit: 50 });
    let runs = 0;
    const count = { handlerEntry: () => { runs++; }, handlerExit: () => undefined };
    m.genirq.trace = count;
    expect(() => m.wire(SERIAL).raise()).toThrow(/^Interrupt storm on hart 0: /);
    expect(runs).toBeLessThan(1000);
  });

  test('and says that it was not its own is switched off, and no storm, whatever the options say', () => {
    const m = deaf('imsic-smp4', { stormLimit: 1000 }, IRQ_NONE);
    m.wire(SERIAL).raise();
    m.settle();
    expect(m.genirq.irqToDesc(m.irqOf(SERIAL))!.totCount).toBe(100_000);
    expect(m.smp.diagnostics.take('spurious')).toHaveLength(1);
  }, 60_000);

  test.each(['plic-smp4', 'aplic-smp4'])('%s: the driver finds out by itself, and switches the line off', (name) => {
    const m = deaf(name);
    m.wire(SERIAL).raise();
    m.settle();
    expect(m.smp.diagnostics.take('storm')).toHaveLength(1);
  }, 60_000);

  test('a watcher of handlers hears them all the same', () => {
    const m = machine();
    const heard: string[] = [];
    m.genirq.trace = { handlerEntry: (_irq, name) => void heard.push(name), handlerExit: () => undefined };
    m.wire(SERIAL).raise();
    expect(heard).toEqual(['ttyS0']);
  });
});

describe('what has no wire is refused in a sentence', () => {
  test.each([
    ['an unknown node', (m: Machine) => m.wire('/lamp@0'), 'ENOENT', /^The device tree has no node \/lamp@0\.$/],
    ['a node without interrupts', (m: Machine) => m.wire('/soc/test@100000'), 'EINVAL', /^\/soc\/test@100000: no interrupt/],
    ['an interrupt that the node does not have', (m: Machine) => m.wire(SERIAL, 1), 'EOVERFLOW', /^\/soc\/serial@10000000: no interrupt 1/],
    ['an unknown controller', (m: Machine) => m.pin('/soc/lamp@0', 1), 'ENOENT', /no node \/soc\/lamp@0/],
    ['a node without a model', (m: Machine) => m.pin('/soc/test@100000', 1), 'ENODEV', /^\/soc\/test@100000: .* has no hardware model; give the machine a model with setInput/],
    ['a controller without inputs', (m: Machine) => m.pin('/soc/clint@2000000', 1), 'ENODEV', /has no inputs/],
    ['no number', (m: Machine) => m.pin('/soc/plic@c000000', 1.5), 'EINVAL', /names no source/],
  ])('%s', (_what, find, code, sentence) => {
    expect(() => find(machine())).toThrow(expect.objectContaining({ code, message: expect.stringMatching(sentence) }));
  });

  test('a model of one\'s own without setInput', () => {
    expect(() => mux8Bench().machine.wire('/button@0')).toThrow(/mux8@10000000, where the wire ends, has no inputs/);
  });
});
