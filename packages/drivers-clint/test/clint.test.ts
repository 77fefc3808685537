import { readFileSync } from 'node:fs';
import { flowSymbol, irqDebugShow, irqToDesc, IRQD } from '@irqchip/genirq-core';
import type { ProbeBase } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { Bench, codeOf } from './bench.ts';
import { fakeNode } from '@irqchip/test-support';

const CLOCKSOURCE = 'clocksource: clint_clocksource: mask: 0xffffffffffffffff max_cycles: 0x24e6a1710, max_idle_ns: 440795202120 ns';
const TRUTH = new URL('../../../testdata/linux/linux-7.2-mmode/mmode-smp4/', import.meta.url);

function caught(fn: () => unknown): IrqError {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('probe', () => {
  test('says what Linux says and numbers what Linux numbers: soft 1, timer 2, IPIs from 3', () => {
    const b = new Bench({ hartids: [2, 0, 1, 3] });
    b.probe();
    expect(b.log()).toEqual(['clint: clint@2000000: timer running at 10000000 Hz', CLOCKSOURCE]);
    const desc = (irq: number): ReturnType<typeof irqToDesc> => irqToDesc(b.genirq, irq);
    expect([desc(1)!.irqData.hwirq, desc(2)!.irqData.hwirq, desc(3)!.irqData.hwirq, desc(10)!.irqData.hwirq]).toEqual([3, 7, 0, 7]);
    expect([flowSymbol(desc(1)!.handleIrq), desc(2)!.action?.name, desc(3)!.action?.name]).toEqual(['clint_ipi_interrupt', 'clint-timer', 'Rescheduling interrupts']);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  /** Recorded from Linux 7.2.13 in M-mode on QEMU 10.0.2. */
  test.each([1, 2])('debugfs shows irq %i as Linux does', (irq) => {
    const b = new Bench({ hartids: [2, 0, 1, 3] }).bringup();
    const file = readFileSync(new URL('DEBUG_IRQ.txt', TRUTH), 'utf8');
    const recorded = file.split('==> ').find((part) => part.startsWith(`/sys/kernel/debug/irq/irqs/${irq} <==`))!;
    // That kernel was built without NUMA and knows node 0 only; a mapping from the device tree has none.
    const expected = recorded.slice(recorded.indexOf('\n') + 1).replace('node:     0', 'node:     -1');
    expect(irqDebugShow(irqToDesc(b.genirq, irq)!).trimEnd()).toBe(expected.trimEnd());
  });

  test('the boot CPU has timer and IPI enabled, and its own MSIP cleared', () => {
    const b = new Bench({ hartids: [1, 0] });
    b.hw.write(4, 4, 1);
    // As at boot: nothing is taken yet.
    b.smp.cpus.localIrqDisable();
    b.probe();
    expect([b.csr.isEnabled(1, 3), b.csr.isEnabled(1, 7), b.csr.isEnabled(0, 3), b.csr.isPending(1, 3)]).toEqual([true, true, false, false]);
    expect(b.writes[0]).toBe('cpu0 0004=0');
  });

  test('a first timer interrupt of a counter that reset left pending is taken and silenced by the enable bit', () => {
    const b = new Bench();
    b.probe();
    b.settle();
    expect([b.csr.isPending(0, 7), b.csr.isEnabled(0, 7), irqToDesc(b.genirq, 2)!.countOn(0)]).toEqual([true, false, 1]);
  });
});

describe('refusals', () => {
  test.each([
    ['a supervisor kernel on machine-level wires', { mode: 'S' as const }, undefined, 'invalid irq 0 (hwirq 3)'],
    ['two cells', {}, [[0, [3, 4]], [0, [7]]] as const, 'invalid irq 0 (hwirq 3)'],
    ['a wire of another kind', {}, [[0, [3]], [0, [11]]] as const, 'invalid irq 1 (hwirq 11)'],
    ['no wire to the boot hart', {}, [[1, [3]], [1, [7]]] as const, 'ipi/timer irq not found'],
    ['no timer wire', {}, [[0, [3]]] as const, 'ipi/timer irq not found'],
    ['no wires', {}, [] as const, 'ipi/timer irq not found'],
  ])('%s is ENODEV', (_name, options, wires, message) => {
    const b = new Bench(options);
    expect(codeOf(() => b.probe(wires))).toBe('ENODEV');
    expect(b.log().at(-1)).toBe(`clint: clint@2000000: ${message}`);
    expect([b.muxes.all.length, b.ipi.haveVirqRange]).toEqual([0, false]);
  });

  test('a hart that the registers do not reach is EINVAL', () => {
    const b = new Bench({ hartids: [0, 4095] });
    expect(codeOf(() => b.probe())).toBe('EINVAL');
    expect([...b.muxes.all]).toEqual([]);
    new Bench({ hartids: [0, 4094] }).probe();
  });

  test('without registers it is ENODEV', () => {
    const b = new Bench();
    expect(codeOf(() => b.probe(undefined, (base) => ({ ...base, regions: [] })))).toBe('ENODEV');
    expect(b.log()).toEqual(['clint: clint@2000000: could not map registers']);
  });

  test('without a timebase it is EINVAL, before anything is requested', () => {
    const b = new Bench();
    const withoutCpus = (base: ProbeBase): ProbeBase => ({
      ...base, parents: base.parents.map((parent) => ({ ...parent, node: fakeNode('/interrupt-controller', { compatible: ['riscv,cpu-intc'] }) })),
    });
    expect(codeOf(() => b.probe(undefined, withoutCpus))).toBe('EINVAL');
    expect([irqToDesc(b.genirq, 2)!.action, b.muxes.all.length]).toEqual([null, 0]);
  });

  test('a wire that cannot be parsed is reported and skipped', () => {
    const b = new Bench();
    b.probe(undefined, (base) => ({ ...base, parentErrors: [new IrqError('EINVAL', 'broken')] }));
    expect(b.log()[0]).toBe('clint: clint@2000000: failed to parse irq 0.');
    expect(b.ipi.haveVirqRange).toBe(true);
  });
});

describe('nothing but the mux is left when a step fails', () => {
  const timerState = (b: Bench): unknown => [irqToDesc(b.genirq, 2)?.action ?? null, b.csr.isEnabled(0, 7), b.cpuhp.states().some(({ name }) => name.startsWith('clockevents/clint'))];

  test('another provider came first', () => {
    const b = new Bench();
    b.muxes.create({ nrIpi: 8, send: () => undefined });
    expect(codeOf(() => b.probe())).toBe('EEXIST');
    expect(b.log().at(-1)).toBe('clint: unable to create muxed IPIs');
    expect(irqToDesc(b.genirq, 10)!.action).toBeNull();
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('memory for the mux', () => {
    const b = new Bench();
    b.smp.faults.fail('fwnode');
    expect(codeOf(() => b.probe())).toBe('ENOMEM');
    expect(timerState(b)).toEqual([null, false, false]);
    b.smp.diagnostics.take();
    b.probe();
    expect(b.ipi.haveVirqRange).toBe(true);
  });

  test('the hotplug state is taken', () => {
    const b = new Bench();
    b.cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'somebody else', null, null);
    const error = caught(() => b.probe());
    expect(error.code).toBe('EBUSY');
    expect(error.message).toMatch(/taken by 'somebody else'.*The IPI mux and its chained handler on irq 1 stay/);
    expect(b.log().at(-1)).toBe('clint: clint@2000000: cpuhp setup state failed [-16]');
    expect(timerState(b)).toEqual([null, false, false]);
    expect([b.muxes.all.length, b.ipi.haveVirqRange]).toEqual([1, true]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('the timer cannot be requested', () => {
    const b = new Bench();
    b.smp.faults.fail('irqaction');
    expect(codeOf(() => b.probe())).toBe('ENOMEM');
    expect(b.log().at(-1)).toBe('clint: registering percpu irq failed [-12]');
    expect([timerState(b), b.muxes.all.length, b.ipi.haveVirqRange]).toEqual([[null, false, false], 0, false]);
  });
});

describe('IPIs', () => {
  test('a send is one write of 1 to the target\'s MSIP; the target clears it before it looks', () => {
    const b = new Bench({ hartids: [2, 0, 1, 3] }).bringup();
    const seen: string[] = [];
    b.ipi.attach({ reschedule: (cpu) => seen.push(`cpu${cpu} msip ${b.csr.isPending(b.harts.hartids[cpu]!, 3)}`) });
    b.writes.length = 0;
    b.ipi.sendReschedule(3);
    expect([b.writes, b.csr.isPending(3, 3)]).toEqual([['cpu0 000c=1'], true]);
    b.settle();
    expect(b.writes).toEqual(['cpu0 000c=1', 'cpu3 000c=0']);
    expect(seen).toEqual(['cpu3 msip false']);
    b.ipi.sendReschedule(1);
    b.settle();
    expect(b.writes.slice(2)).toEqual(['cpu0 0000=1', 'cpu1 0000=0']);
  });

  test('function calls reach every CPU and come back', () => {
    const b = new Bench({ hartids: [0, 1, 2] }).bringup();
    const ran: number[] = [];
    b.ipi.onEachCpu(() => ran.push(b.smp.cpus.current));
    expect(ran.sort()).toEqual([0, 1, 2]);
    expect(b.smp.diagnostics.open).toEqual([]);
  });

  test('an offline CPU keeps its IPI enabled, and is quiet because its vIPIs are masked', () => {
    const b = new Bench().bringup();
    const seen: number[] = [];
    b.ipi.attach({ reschedule: (cpu) => seen.push(cpu) });
    b.cpuhp.cpuDown(1);
    expect([b.csr.isEnabled(1, 3), b.csr.isEnabled(1, 7)]).toEqual([true, false]);
    b.writes.length = 0;
    b.ipi.sendReschedule(1);
    b.settle();
    expect([b.writes, seen]).toEqual([[], []]);
    b.cpuhp.cpuUp(1);
    b.settle();
    expect(seen).toEqual([1]);
  });

  test('hartids with gaps run past the end of the registers: the index is not the hartid', () => {
    const b = new Bench({ hartids: [0, 4] }).bringup();
    const seen: number[] = [];
    b.ipi.attach({ reschedule: (cpu) => seen.push(cpu) });
    b.ipi.sendReschedule(1);
    b.settle();
    expect([b.writes.at(-1), seen]).toEqual(['cpu0 0010=1', []]);
  });

  test('with posted clears a doorbell that rings in between is lost', () => {
    const b = new Bench({ hw: { posted: true } }).bringup();
    const seen: number[] = [];
    b.ipi.attach({
      reschedule: (cpu) => { if (seen.push(cpu) === 1) b.smp.cpus.runOn(0, () => b.ipi.sendReschedule(1)); b.hw.flush(); },
    });
    b.ipi.sendReschedule(1);
    b.settle();
    expect([seen, b.muxes.all[0]!.isPending(1, 0), b.csr.isPending(1, 3)]).toEqual([[1], true, false]);
  });

  test('with immediate clears it is not', () => {
    const b = new Bench().bringup();
    const seen: number[] = [];
    b.ipi.attach({ reschedule: (cpu) => { if (seen.push(cpu) === 1) b.smp.cpus.runOn(0, () => b.ipi.sendReschedule(1)); } });
    b.ipi.sendReschedule(1);
    b.settle();
    expect(seen).toEqual([1, 1]);
  });
});

describe('timer', () => {
  test('fires once at its time on its CPU; the enable bit silences it, the line stays up', () => {
    const b = new Bench({ hartids: [1, 0] }).bringup();
    b.settle();
    const fired: unknown[] = [];
    b.events.onEvent(1, ({ cpu }) => fired.push(cpu, b.clock.nowNs(), b.smp.cpus.inHardirq()));
    b.on(1, () => b.events.nextEvent(50_000));
    expect([b.csr.isEnabled(0, 7), b.csr.isPending(0, 7)]).toEqual([true, false]);
    b.advance(49_999);
    expect(fired).toEqual([]);
    b.advance(1);
    expect(fired).toEqual([1, 50_000, true]);
    expect([b.csr.isEnabled(0, 7), b.csr.isPending(0, 7)]).toEqual([false, true]);
    b.advance(1e9);
    expect(fired).toHaveLength(3);
  });

  test('a handler may set the next event: a periodic tick', () => {
    const b = new Bench().bringup();
    b.settle();
    const times: number[] = [];
    b.events.onEvent(0, (event) => { times.push(b.clock.nowNs()); event.nextEvent(100_000); });
    b.events.nextEvent(100_000);
    for (let i = 0; i < 3; i++) b.advance(100_000);
    expect(times).toEqual([100_000, 200_000, 300_000]);
  });

  test('the compare value carries into the upper half', () => {
    const b = new Bench().bringup();
    b.settle();
    b.hw.write(0xbff8, 8, -200);
    b.hw.write(0xbffc, 8, 6);
    const fired: number[] = [];
    b.events.onEvent(0, () => fired.push(b.clock.nowNs()));
    b.events.nextEvent(50_000);
    expect(b.writes.slice(-2)).toEqual(['cpu0 4000=12c', 'cpu0 4004=7']);
    b.advance(49_999);
    expect(fired).toEqual([]);
    b.advance(1);
    expect(fired).toEqual([50_000]);
  });

  test('a counter that carries between the reads of its halves is read again', () => {
    const b = new Bench();
    let carry = false;
    // The high half reads 6 once, then the low half wraps.
    b.probe(undefined, (base) => {
      const [region] = base.regions;
      const readlRelaxed = (offset: number): number => {
        if (offset === 0xbffc) return carry ? 7 : 6;
        if (offset !== 0xbff8) return region!.readlRelaxed(offset);
        if (carry) return 5;
        carry = true;
        return -1;
      };
      return { ...base, regions: [{ ...region!, readlRelaxed }] };
    });
    b.settle();
    b.writes.length = 0;
    b.smp.cpus.localIrqDisable();
    b.events.nextEvent(50_000);
    expect([carry, b.writes]).toEqual([true, ['cpu0 4000=1f9', 'cpu0 4004=7']]);
  });

  test('a dying CPU has its timer masked; it ticks again when it is back', () => {
    const b = new Bench().bringup();
    b.settle();
    const fired: number[] = [];
    b.events.onEvent(1, ({ cpu }) => fired.push(cpu));
    b.on(1, () => b.events.nextEvent(100_000));
    b.cpuhp.cpuDown(1);
    b.advance(1_000_000);
    expect([fired, b.csr.isEnabled(1, 7)]).toEqual([[], false]);
    b.cpuhp.cpuUp(1);
    expect(fired).toEqual([1]);
  });
});

test('only the trigger is stored by the mapping: type NONE, and a default was set', () => {
  const b = new Bench();
  b.probe();
  for (const irq of [1, 2]) expect(irqToDesc(b.genirq, irq)!.common.state & (IRQD.DEFAULT_TRIGGER_SET | IRQD.TRIGGER_MASK)).toBe(IRQD.DEFAULT_TRIGGER_SET);
});
