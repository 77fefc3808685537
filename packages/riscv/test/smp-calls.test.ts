import fc from 'fast-check';
import { IPI } from '@irqchip/riscv';
import { CpuMask } from '@irqchip/smp';
import { codeOf, FakeMachine } from './fake-machine.ts';

const calls = (m: FakeMachine): string[] => m.doorbells.filter((bell) => bell.endsWith(`:${IPI.CALL_FUNC}`));

describe('one CPU', () => {
  test('the call runs there, in hard irq context, and has run when a waiting caller comes back', () => {
    const m = new FakeMachine(2).withIpis();
    const seen: unknown[] = [];
    m.ipi.smpCallFunctionSingle(1, (info) => seen.push(info, m.smp.cpus.current, m.smp.cpus.inHardirq(), m.smp.cpus.irqsDisabled()), 'hello', true);
    expect(seen).toEqual(['hello', 1, true, true]);
    expect(calls(m)).toEqual(['0>1:1']);
    expect(m.smp.diagnostics.open).toEqual([]);
  });

  test('without waiting it runs when the CPU gets to it', () => {
    const m = new FakeMachine(2).withIpis();
    let ran = 0;
    m.ipi.smpCallFunctionSingle(1, () => ran++, null, false);
    expect([ran, m.ipi.calls.isQueued(1)]).toEqual([0, true]);
    m.settle();
    expect([ran, m.ipi.calls.isQueued(1)]).toEqual([1, false]);
  });

  test('a call to oneself is a plain call with interrupts off, and no IPI', () => {
    const m = new FakeMachine(2).withIpis();
    const seen: boolean[] = [];
    m.ipi.smpCallFunctionSingle(0, () => seen.push(m.smp.cpus.irqsDisabled(), m.smp.cpus.inHardirq()));
    expect([seen, m.smp.cpus.irqsDisabled(), m.doorbells]).toEqual([[true, false], false, []]);
  });

  test('a call to oneself that throws leaves interrupts on', () => {
    const m = new FakeMachine(1).withIpis();
    expect(() => m.ipi.smpCallFunctionSingle(0, () => { throw new Error('mine'); })).toThrow('mine');
    expect(m.smp.cpus.irqsDisabled()).toBe(false);
  });

  test('an offline or impossible CPU is ENXIO, and nothing is left queued', () => {
    const m = new FakeMachine(2).withIpis();
    m.smp.cpus.online.clear(1);
    for (const wait of [true, false]) {
      expect(codeOf(() => m.ipi.smpCallFunctionSingle(1, () => undefined, null, wait))).toBe('ENXIO');
      expect(codeOf(() => m.ipi.smpCallFunctionSingle(7, () => undefined, null, wait))).toBe('ENXIO');
      expect(codeOf(() => m.ipi.smpCallFunctionSingle(-1, () => undefined, null, wait))).toBe('ENXIO');
    }
    expect([m.doorbells, m.ipi.calls.isQueued(1)]).toEqual([[], false]);
    m.online(1);
    let ran = 0;
    m.ipi.smpCallFunctionSingle(1, () => ran++, null, false);
    m.settle();
    expect(ran).toBe(1);
  });

  test('a target that can never answer is EDEADLK, not an endless loop', () => {
    const m = new FakeMachine(2).withIpis();
    m.deaf.set(1);
    expect(codeOf(() => m.ipi.smpCallFunctionSingle(1, () => undefined, null, true))).toBe('EDEADLK');
  });

  test('the doorbell is rung only for the first call into an empty queue', () => {
    const m = new FakeMachine(3).withIpis();
    const ran: string[] = [];
    m.on(0, () => m.ipi.smpCallFunctionSingle(2, () => ran.push('a'), null, false));
    m.on(1, () => m.ipi.smpCallFunctionSingle(2, () => ran.push('b'), null, false));
    expect(calls(m)).toEqual(['0>2:1']);
    m.settle();
    expect(ran).toEqual(['a', 'b']);
    m.on(1, () => m.ipi.smpCallFunctionSingle(2, () => ran.push('c'), null, false));
    expect(calls(m)).toEqual(['0>2:1', '1>2:1']);
  });

  test('a second call without waiting waits until the first was taken: one node a CPU', () => {
    const m = new FakeMachine(3).withIpis();
    const ran: string[] = [];
    m.ipi.smpCallFunctionSingle(1, () => ran.push('first'), null, false);
    expect(ran).toEqual([]);
    m.ipi.smpCallFunctionSingle(2, () => ran.push('second'), null, false);
    expect(ran).toEqual(['first']);
    m.settle();
    expect(ran).toEqual(['first', 'second']);
  });

  test('a call from inside a call is queued for the next interrupt', () => {
    const m = new FakeMachine(2).withIpis();
    const ran: string[] = [];
    const work = m.ipi.initIrqWork(() => ran.push('work'));
    m.ipi.smpCallFunctionSingle(1, () => { ran.push('call'); m.ipi.irqWorkQueue(work); ran.push('end'); });
    m.settle();
    expect(ran).toEqual(['call', 'end', 'work']);
  });

  test('calls with interrupts off, and from hard irqs, are reported once each', () => {
    const m = new FakeMachine(2).withIpis();
    m.smp.cpus.localIrqDisable();
    m.ipi.smpCallFunctionSingle(1, () => undefined, null, false);
    m.settle();
    m.ipi.smpCallFunctionSingle(1, () => undefined, null, false);
    m.smp.cpus.localIrqEnable();
    m.settle();
    expect(m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringContaining('interrupts off')]);
    m.ipi.attach({ reschedule: () => m.ipi.smpCallFunctionSingle(0, () => undefined) });
    m.on(1, () => m.ipi.sendReschedule(1));
    expect(m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringContaining('hard irq')]);
  });
});

describe('early in boot, interrupts off and no other CPU there', () => {
  const early = (): FakeMachine => {
    const m = new FakeMachine(2).withIpis();
    m.smp.cpus.online.clear(1);
    m.smp.cpus.localIrqDisable();
    m.smp.cpus.earlyBootIrqsDisabled = true;
    return m;
  };

  test('a call on every CPU is in order, and runs here', () => {
    const m = early();
    const ran: number[] = [];
    m.ipi.onEachCpu(() => ran.push(m.smp.cpus.current));
    m.ipi.smpCallFunction(() => ran.push(m.smp.cpus.current));
    expect([ran, m.smp.diagnostics.open]).toEqual([[0], []]);
  });

  test('a call on one CPU is reported, as the kernel does', () => {
    const m = early();
    m.ipi.smpCallFunctionSingle(0, () => undefined);
    expect(m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual([expect.stringContaining('smp_call_function_single with interrupts off')]);
  });
});

describe('many CPUs', () => {
  test('the others of the mask that are online, one doorbell for all', () => {
    const m = new FakeMachine(5).withIpis();
    m.smp.cpus.online.clear(3);
    const ran: number[] = [];
    m.ipi.smpCallFunctionMany(new CpuMask(5, [0, 1, 3, 4]), () => ran.push(m.smp.cpus.current));
    expect([ran, calls(m), m.ipi.calls.isQueued(3)]).toEqual([[1, 4], ['0>1:1', '0>4:1'], false]);
  });

  test('smp_call_function leaves the caller out, on_each_cpu does not', () => {
    const m = new FakeMachine(3).withIpis();
    const ran: number[] = [];
    m.on(1, () => m.ipi.smpCallFunction(() => ran.push(m.smp.cpus.current)));
    expect(ran).toEqual([0, 2]);
    m.on(1, () => m.ipi.onEachCpu(() => ran.push(m.smp.cpus.current)));
    expect(ran.slice(2).sort()).toEqual([0, 1, 2]);
  });

  test('a mask decides for the caller too', () => {
    const m = new FakeMachine(3).withIpis();
    const ran: number[] = [];
    m.ipi.calls.onEachCpuMask(new CpuMask(3, [1, 2]), () => ran.push(m.smp.cpus.current), null, true);
    m.ipi.calls.onEachCpuMask(new CpuMask(3, [0]), () => ran.push(m.smp.cpus.current), null, true);
    expect(ran).toEqual([1, 2, 0]);
  });

  test('without waiting nothing has run remotely yet', () => {
    const m = new FakeMachine(3).withIpis();
    const ran: number[] = [];
    m.ipi.onEachCpu(() => ran.push(m.smp.cpus.current), null, false);
    expect(ran).toEqual([0]);
    m.settle();
    expect(ran).toEqual([0, 1, 2]);
  });

  test('a mask without other online CPUs rings nobody', () => {
    const m = new FakeMachine(2).withIpis();
    m.ipi.smpCallFunctionMany(new CpuMask(2, [0]), () => { throw new Error('must not run'); });
    expect(m.doorbells).toEqual([]);
  });

  test('a CPU with a filled queue is not rung again', () => {
    const m = new FakeMachine(3).withIpis();
    m.on(2, () => m.ipi.smpCallFunctionSingle(1, () => undefined, null, false));
    m.ipi.smpCallFunction(() => undefined);
    expect(calls(m)).toEqual(['2>1:1', '0>2:1']);
  });
});

test('calls that are waited for run before those that are not', () => {
  const m = new FakeMachine(3).withIpis();
  const ran: string[] = [];
  m.on(0, () => m.ipi.smpCallFunctionSingle(2, () => ran.push('async'), null, false));
  m.on(1, () => m.ipi.smpCallFunctionSingle(2, () => ran.push('sync')));
  expect(ran).toEqual(['sync', 'async']);
});

test('a dying CPU runs what was asked of it, without a word', () => {
  const m = new FakeMachine(2).withIpis();
  const ran: string[] = [];
  const work = m.ipi.initIrqWork(() => ran.push('work'));
  m.ipi.smpCallFunctionSingle(1, () => ran.push('call'), null, false);
  m.smp.cpus.runOn(1, () => {
    m.smp.cpus.localIrqDisable();
    m.ipi.irqWorkQueue(work);
    m.smp.cpus.online.clear(1);
    m.ipi.smpcfdDying();
  });
  expect(ran).toEqual(['call', 'work']);
  expect(m.smp.diagnostics.open).toEqual([]);
});

test('a call that reaches an offline CPU through an interrupt is reported and run', () => {
  const m = new FakeMachine(2).withIpis();
  let ran = 0;
  m.ipi.smpCallFunctionSingle(1, () => ran++, null, false);
  m.smp.cpus.online.clear(1);
  m.settle();
  expect(ran).toBe(1);
  expect(m.smp.diagnostics.take('warn').map(({ message }) => message)).toEqual(['IPI on offline CPU 1']);
});

describe('irq work', () => {
  test('runs on its own CPU by a self IPI, in hard irq context', () => {
    const m = new FakeMachine(2).withIpis();
    const ran: unknown[] = [];
    const work = m.ipi.initIrqWork((self) => ran.push(self === work, m.smp.cpus.current, m.smp.cpus.inHardirq(), self.isPending, self.isBusy));
    m.on(1, () => m.ipi.irqWorkQueue(work));
    expect(ran).toEqual([true, 1, true, false, true]);
    expect([m.doorbells, work.isBusy]).toEqual([[`1>1:${IPI.IRQ_WORK}`], false]);
  });

  test('queueing it while it waits merges', () => {
    const m = new FakeMachine(2).withIpis();
    let ran = 0;
    const work = m.ipi.initIrqWork(() => ran++);
    m.smp.cpus.localIrqDisable();
    expect([m.ipi.irqWorkQueue(work), m.ipi.irqWorkQueue(work), m.ipi.irqWorkQueueOn(work, 1)]).toEqual([true, false, false]);
    m.smp.cpus.localIrqEnable();
    expect(ran).toBe(1);
  });

  test('it may queue itself again while it runs', () => {
    const m = new FakeMachine(1).withIpis();
    let ran = 0;
    const work = m.ipi.initIrqWork((self) => { if (++ran < 3) m.ipi.irqWorkQueue(self); });
    m.ipi.irqWorkQueue(work);
    m.settle();
    expect([ran, work.isBusy]).toEqual([3, false]);
  });

  test('on another CPU it goes through the call queue', () => {
    const m = new FakeMachine(2).withIpis();
    const ran: number[] = [];
    const work = m.ipi.initIrqWork(() => ran.push(m.smp.cpus.current));
    m.ipi.irqWorkQueueOn(work, 1);
    expect(m.doorbells).toEqual([`0>1:${IPI.CALL_FUNC}`]);
    m.ipi.irqWorks.sync(work);
    expect(ran).toEqual([1]);
    m.ipi.irqWorkQueueOn(work, 0);
    expect(m.doorbells.at(-1)).toBe(`0>0:${IPI.IRQ_WORK}`);
  });

  test('an offline CPU is reported', () => {
    const m = new FakeMachine(2).withIpis();
    m.smp.cpus.online.clear(1);
    m.ipi.irqWorkQueueOn(m.ipi.initIrqWork(() => undefined), 1);
    expect(m.smp.diagnostics.take('warn')).toHaveLength(1);
  });
});

test('whatever CPUs ask of each other, everything runs exactly once, where it was asked for', () => {
  const cpu = fc.nat(3);
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('single', 'wait', 'work'), from: cpu, to: cpu }),
    fc.record({ kind: fc.constantFrom('many', 'each', 'settle'), from: cpu, to: cpu }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (script) => {
    const m = new FakeMachine(4).withIpis();
    const asked: string[] = [];
    const ran: string[] = [];
    script.forEach(({ kind, from, to }, id) => {
      const run = (): void => void ran.push(`${id}@${m.smp.cpus.current}`);
      const targets = { single: [to], wait: [to], work: [to], many: [0, 1, 2, 3].filter((c) => c !== from), each: [0, 1, 2, 3], settle: [] }[kind];
      asked.push(...targets.map((target) => `${id}@${target}`));
      m.on(from, () => {
        if (kind === 'single' || kind === 'wait') m.ipi.smpCallFunctionSingle(to, run, null, kind === 'wait');
        else if (kind === 'work') m.ipi.irqWorkQueueOn(m.ipi.initIrqWork(run), to);
        else if (kind === 'many') m.ipi.smpCallFunction(run, null, id % 2 === 0);
        else if (kind === 'each') m.ipi.onEachCpu(run, null, id % 2 === 0);
        else m.settle();
      });
    });
    m.settle();
    expect(ran.sort()).toEqual(asked.sort());
    expect(m.smp.diagnostics.open).toEqual([]);
  }), { seed: 3, numRuns: 150 });
});
