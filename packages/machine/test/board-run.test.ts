import {
  allocDesc, dataUpdateEffectiveAffinity, handleSimpleIrq, IRQ_SET_MASK, irqSetAffinity, irqSetAffinityNotifier, setChipAndHandler, type IrqChip,
  disableIrq, enableIrq, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQF, irqToDesc, requestIrq, requestThreadedIrq,
} from '@irqchip/genirq-core';
import { CpuMask } from '@irqchip/smp';
import { createMachine, type Machine } from '../src/index.ts';
import { mux8Bench, mux8Board } from './fixtures/mux8/bench.ts';
import { dtb } from './recordings.ts';

const IMSIC4 = dtb('linux-6.12-debugfs/imsic-smp4', 'linux-sees.dtb');

function machine(): Machine { return createMachine({ tree: IMSIC4 }); }

test('on() runs as a CPU, returns what the task returns, and takes what became pending before it does', () => {
  const m = machine();
  const order: string[] = [];
  const result = m.on(2, () => {
    m.smp.cpus.localIrqDisable();
    m.ipi.smpCallFunctionSingle(2, () => order.push('local call'));
    m.smp.cpus.localIrqEnable();
    order.push(`task on CPU${m.smp.cpus.current}`);
    return 42;
  });
  expect([result, order, m.smp.cpus.current]).toEqual([42, ['local call', 'task on CPU2'], 0]);
});

test('on() refuses a CPU that is not online, naming those that are', () => {
  const m = machine();
  m.cpuDown(3);
  expect(() => m.on(3, () => undefined)).toThrow(expect.objectContaining({ code: 'EINVAL', message: 'CPU 3 is not online; online CPUs are 0-2.' }));
  expect(() => m.on(4, () => undefined)).toThrow(/CPU 4 is not online/);
});

test('settle() runs CPUs until nothing is deliverable', () => {
  const m = machine();
  const desc = irqToDesc(m.genirq, m.muxes.all[0]!.virq)!;
  m.on(0, () => { for (const cpu of [1, 2, 3]) m.ipi.sendReschedule(cpu); });
  expect([1, 2, 3].map((cpu) => desc.countOn(cpu))).toEqual([0, 0, 0]);
  m.settle();
  expect([1, 2, 3].map((cpu) => desc.countOn(cpu))).toEqual([1, 1, 1]);
});

test('a storm names the hart, the local interrupt, the irq and its last handler', () => {
  const { machine: m, hardware, button } = mux8Bench(true);
  requestIrq(m.genirq, button, () => IRQ_HANDLED, 0, 'button', hardware);
  hardware.pulse(3);
  expect(() => m.settle()).toThrow(expect.objectContaining({
    code: 'EDEADLK',
    message: expect.stringMatching(new RegExp(`^Interrupt storm on hart 0: local interrupt 9 \\(external\\), from /mux8@10000000, was taken \\d+ times and is still pending; the last handler was button of irq ${button}\\. Does `)),
  }));
});

test('advance() fires timers in order, at their times', () => {
  const m = machine();
  const fired: string[] = [];
  for (const cpu of [0, 1, 2]) {
    m.clockEvents.onEvent(cpu, () => void fired.push(`CPU${m.smp.cpus.current} at ${m.smp.clock.nowNs()}`));
    m.on(cpu, () => m.clockEvents.of(cpu)!.nextEvent((3 - cpu) * 100_000));
  }
  m.advance(99_999);
  expect(fired).toEqual([]);
  m.advance(1);
  expect(fired).toEqual(['CPU2 at 100000']);
  m.advance(1e6);
  // Less than a tick of 100 ns is cut off when ns become ticks.
  expect(fired.slice(1)).toEqual(['CPU1 at 200000', expect.stringMatching(/^CPU0 at (300000|299900)$/)]);
  expect(m.smp.clock.nowNs()).toBe(1_100_000);
});

test.each([-1, NaN, Infinity])('advance(%p) is refused', (ns) => {
  expect(() => machine().advance(ns)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('threaded handlers run after the trap, in task context, with interrupts on', () => {
  const { machine: m, hardware, button } = mux8Bench();
  const { cpus } = m.smp;
  const context = (): string => `${cpus.inHardirq() ? 'hard irq' : 'task'}, irqs ${cpus.irqsDisabled() ? 'off' : 'on'}`;
  const seen: string[] = [];
  requestThreadedIrq(m.genirq, button, () => { seen.push(context()); return IRQ_WAKE_THREAD; }, () => { seen.push(context()); return IRQ_HANDLED; }, 0, 'button', hardware);
  hardware.pulse(3);
  m.settle();
  expect(seen).toEqual(['hard irq, irqs off', 'task, irqs on']);
});

test('an edge that came while the irq was disabled is replayed once it is enabled', () => {
  const { machine: m, hardware, button } = mux8Bench();
  let runs = 0;
  requestIrq(m.genirq, button, () => { runs++; return IRQ_HANDLED; }, 0, 'button', hardware);
  m.on(0, () => disableIrq(m.genirq, button));
  hardware.pulse(3);
  m.settle();
  expect(runs).toBe(0);
  m.on(0, () => enableIrq(m.genirq, button));
  expect(runs).toBe(1);
});

test('an interrupt that nobody handles is disabled, then polled every 100 ms of simulated time', () => {
  const { machine: m, hardware, button } = mux8Bench();
  const polled: number[] = [];
  requestIrq(m.genirq, button, () => { polled.push(m.smp.clock.nowNs()); return IRQ_NONE; }, IRQF.SHARED, 'button', hardware);
  for (let i = 0; i < 100_000; i++) {
    hardware.pulse(3);
    m.settle();
  }
  expect(m.smp.log.records).toContainEqual(expect.objectContaining({ text: `Disabling IRQ #${button}` }));
  polled.length = 0;
  m.advance(99e6);
  expect(polled).toEqual([]);
  m.advance(251e6);
  expect(polled).toEqual([100e6, 200e6, 300e6]);
});

test('the notifier of an interrupt hears where it went when its CPU goes', () => {
  const m = machine();
  const told: string[] = [];
  const irq = allocDesc(m.genirq, -1);
  const chip: IrqChip = { name: 'acme', irqMask: () => undefined, irqUnmask: () => undefined, irqSetAffinity: (data, mask) => {
    dataUpdateEffectiveAffinity(data, mask);
    return IRQ_SET_MASK.OK;
  } };
  setChipAndHandler(m.genirq, irq, chip, handleSimpleIrq);
  requestIrq(m.genirq, irq, () => IRQ_HANDLED, 0, 'acme', chip);
  irqSetAffinity(m.genirq, irq, CpuMask.of(4, 1));
  irqSetAffinityNotifier(m.genirq, irq, (mask) => void told.push(mask.toList()));
  m.cpuDown(1);
  expect(told).toEqual(['0,2-3']);
  m.cpuUp(1);
  expect(told).toEqual(['0,2-3']);
});

test('interrupts have numbers by node: an unknown node and one without a driver are refused in a sentence', () => {
  expect(() => machine().irqOf('/lamp@0')).toThrow(expect.objectContaining({ code: 'ENOENT', message: 'The device tree has no node /lamp@0.' }));
  const without = createMachine({ tree: mux8Board });
  expect(without.smp.diagnostics.take('undriven')).toHaveLength(1);
  expect(() => without.irqOf('/button@0')).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(/^\/button@0: interrupt 0, .* cannot be mapped; has that controller a driver\?$/) }));
});
