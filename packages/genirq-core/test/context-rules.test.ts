import { PerCpu, type Diagnostic } from '@irqchip/smp';
import {
  allocDescs, chainedIrqEnter, chainedIrqExit, disableIrq, disableIrqWake, enableIrq, freeDescs, freeIrq, freePercpuIrq, genericHandleIrq, handleFasteoiIrq, handleLevelIrq, handleNestedIrq, handlePercpuDevidIrq,
  handlePercpuIrq, handleSimpleIrq, IRQ_HANDLED, IRQD, IRQF, irqPercpuDisable, irqPercpuEnable, irqSetAffinityNotifier, requestAnyContextIrq, requestIrq, requestPercpuIrq, requestThreadedIrq, setChainedHandler, setHandler, setIrqType, setPercpuDevid, synchronizeIrq,
} from '../src/index.ts';
import { codeOf, findings, handled, makeBench, trap, type Bench } from './fixture.ts';

// What lockdep, might_sleep() and WARN_ON() would say, and of which call.

const device = (options: Parameters<typeof makeBench>[0] = {}): Bench => makeBench({ flow: handleSimpleIrq, callbacks: ['irqMask', 'irqUnmask'], ...options });

function off<T>({ smp }: Bench, fn: () => T): T {
  const flags = smp.cpus.localIrqSave();
  try {
    return fn();
  } finally {
    smp.cpus.localIrqRestore(flags);
  }
}

/** The one finding of a kind: it names the call in its message or on its stack, and the CPU. */
function expectOne({ smp }: Bench, kind: string, text: string | RegExp, call: string): Diagnostic {
  const found = smp.diagnostics.take();
  expect(found.map((each) => each.kind)).toEqual([kind]);
  expect(found[0]!.message).toMatch(text);
  expect(`${found[0]!.message}\n${found[0]!.stack}`).toContain(call);
  return found[0]!;
}

type Call = [name: string, call: (b: Bench) => unknown];

const SLEEPING: Call[] = [
  ['requestIrq', ({ genirq, irq }) => requestIrq(genirq, irq, handled, 0, 'x')],
  ['requestThreadedIrq', ({ genirq, irq }) => requestThreadedIrq(genirq, irq, handled, handled, 0, 'x', null)],
  ['requestAnyContextIrq', ({ genirq, irq }) => requestAnyContextIrq(genirq, irq, handled, 0, 'x')],
  ['requestPercpuIrq', ({ genirq, irq }) => requestPercpuIrq(genirq, irq, handled, 'x', new PerCpu(() => 0))],
  ['synchronizeIrq', ({ genirq, irq }) => synchronizeIrq(genirq, irq)],
  ['handleNestedIrq', ({ genirq, irq }) => handleNestedIrq(genirq, irq)],
  ['irqSetAffinityNotifier', ({ genirq, irq }) => irqSetAffinityNotifier(genirq, irq, null)],
  ['allocDescs', ({ genirq }) => allocDescs(genirq, -1, 0, 1, 0)],
  ['freeDescs', ({ genirq }) => freeDescs(genirq, 40, 1)],
];

describe('while the system is booting', () => {
  const booting = (options: Parameters<typeof makeBench>[0] = {}): Bench => {
    const b = device(options);
    b.smp.systemState = 'SYSTEM_BOOTING';
    return b;
  };

  test('a handler can be requested with interrupts off', () => {
    const b = booting();
    off(b, () => requestIrq(b.genirq, b.irq, handled, 0, 'x'));
    expect(findings(b.smp)).toEqual([]);
  });

  test('a thread cannot: there is no kthreadd yet', () => {
    const b = booting();
    requestThreadedIrq(b.genirq, b.irq, handled, handled, 0, 'x', null);
    expectOne(b, 'context', /^x asks for the thread of irq 0 while system_state is SYSTEM_BOOTING/, 'requestThreadedIrq');
  });

  test('nor can a handler that threadirqs moves into a thread; one that may not be moved can', () => {
    const b = booting({ threadirqs: true });
    requestIrq(b.genirq, b.irq, handled, IRQF.NO_THREAD, 'x');
    expect(findings(b.smp)).toEqual([]);
    freeIrq(b.genirq, b.irq, null);
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    expectOne(b, 'context', /^x asks for the thread of irq 0/, 'requestIrq');
  });
});

describe('a call that may sleep', () => {
  const bench = (name: string): Bench => {
    const b = device();
    if (name === 'requestPercpuIrq') setPercpuDevid(b.genirq, b.irq);
    return b;
  };

  test.each(SLEEPING)('%s in hard irq context', (name, call) => {
    const b = bench(name);
    trap(b.smp, () => call(b), 1);
    expect(expectOne(b, 'context', /may sleep and was called in hard irq context on CPU1/, name).cpu).toBe(1);
  });

  test.each(SLEEPING)('%s with interrupts off', (name, call) => {
    const b = bench(name);
    off(b, () => call(b));
    expectOne(b, 'context', /may sleep and was called with interrupts off on CPU0/, name);
  });

  test.each(SLEEPING)('%s from a task is none', (name, call) => {
    const b = bench(name);
    call(b);
    expect(findings(b.smp)).toEqual([]);
  });

  test('with a spinlock held: the lock is named', () => {
    const b = device();
    const other = device();
    other.desc.lock.lock();
    synchronizeIrq(b.genirq, b.irq);
    expect(findings(b.smp)).toEqual([]); // another machine's lock
    other.desc.lock.unlock();
    b.desc.lock.lock();
    allocDescs(b.genirq, -1, 0, 1, 0);
    b.desc.lock.unlock();
    expectOne(b, 'context', /allocDescs may sleep and was called while irq_desc 0 is held/, 'allocDescs');
  });

  test('disableIrq waits too: both calls are named', () => {
    const b = device();
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    off(b, () => disableIrq(b.genirq, b.irq));
    expect(findings(b.smp)).toEqual([expect.stringContaining('disableIrq(0) may sleep'), expect.stringContaining('synchronizeIrq(0) may sleep')]);
  });

  test('freeIrq in hard irq context has the kernel\'s own words', () => {
    const b = device();
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    trap(b.smp, () => freeIrq(b.genirq, b.irq));
    expectOne(b, 'warn', 'Trying to free IRQ 0 from IRQ context!', 'freeIrq');
  });

  test('freeIrq with interrupts off', () => {
    const b = device();
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    off(b, () => freeIrq(b.genirq, b.irq));
    expectOne(b, 'context', /freeIrq\(0\) may sleep and was called with interrupts off/, 'freeIrq');
  });

  test('freePercpuIrq in hard irq context', () => {
    const b = device();
    const ids = new PerCpu(() => 0);
    setPercpuDevid(b.genirq, b.irq);
    requestPercpuIrq(b.genirq, b.irq, handled, 'x', ids);
    trap(b.smp, () => freePercpuIrq(b.genirq, b.irq, ids));
    expectOne(b, 'warn', 'Trying to free IRQ 0 from IRQ context!', 'freePercpuIrq');
  });

  const ON_SLOW_BUS: Call[] = [
    ['enableIrq', ({ genirq, irq }) => { disableIrq(genirq, irq); trapEnable(genirq, irq); }],
    ['setIrqType', ({ smp, genirq, irq }) => trap(smp, () => setIrqType(genirq, irq, 1))],
    ['setHandler', ({ smp, genirq, irq }) => trap(smp, () => setHandler(genirq, irq, handleSimpleIrq))],
  ];
  const trapEnable = (genirq: Bench['genirq'], irq: number): void => trap(genirq.smp, () => enableIrq(genirq, irq));

  test.each(ON_SLOW_BUS)('%s on a chip with a slow bus, in hard irq context: its bus lock', (name, call) => {
    const b = device({ callbacks: ['irqMask', 'irqUnmask', 'irqBusLock', 'irqBusSyncUnlock'] });
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    call(b);
    expectOne(b, 'context', /irqBusLock of noting for irq 0 may sleep and was called in hard irq context/, name);
  });

  test.each(ON_SLOW_BUS)('%s on any other chip may come from hard irq context', (_name, call) => {
    const b = device();
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    call(b);
    expect(findings(b.smp)).toEqual([]);
  });
});

describe('a handler that waits for itself', () => {
  test.each<Call>([
    ['freeIrq', ({ genirq, irq }) => freeIrq(genirq, irq)],
    ['disableIrq', ({ genirq, irq }) => disableIrq(genirq, irq)],
    ['synchronizeIrq', ({ genirq, irq }) => synchronizeIrq(genirq, irq)],
  ])('by %s is EDEADLK and a finding that names it', (name, call) => {
    const b = device();
    requestIrq(b.genirq, b.irq, () => { call(b); return IRQ_HANDLED; }, 0, 'x');
    expect(codeOf(() => trap(b.smp, () => genericHandleIrq(b.genirq, b.irq)))).toBe('EDEADLK');
    const found = b.smp.diagnostics.take();
    expect(found.length).toBeGreaterThan(0);
    for (const each of found) expect(each.stack).toContain(name);
  });
});

describe('delivery', () => {
  test('genericHandleIrq outside hard irq context', () => {
    const b = device();
    off(b, () => genericHandleIrq(b.genirq, b.irq));
    expectOne(b, 'context', /irq 0 is handled \(genericHandleIrq\) outside hard irq context on CPU0/, 'genericHandleIrq');
  });

  test('of an interrupt that insists on hard irq context', () => {
    const b = device();
    b.data.common.state |= IRQD.HANDLE_ENFORCE_IRQCTX;
    expect(off(b, () => genericHandleIrq(b.genirq, b.irq))).toBe(-1);
    expectOne(b, 'warn', 'irq 0 may only be handled in hard irq context', 'genericHandleIrq');
  });

  test('genericHandleIrq with interrupts on', () => {
    const b = makeBench({ callbacks: ['irqMask', 'irqUnmask'], flow: handlePercpuDevidIrq });
    setPercpuDevid(b.genirq, b.irq);
    trap(b.smp, () => { b.smp.cpus.localIrqEnable(); genericHandleIrq(b.genirq, b.irq); });
    expectOne(b, 'context', /irq 0 is handled \(genericHandleIrq\) with interrupts on, on CPU0/, 'genericHandleIrq');
  });

  test('a flow that takes its lock with interrupts on, in hard irq context', () => {
    const b = device();
    trap(b.smp, () => { b.smp.cpus.localIrqEnable(); genericHandleIrq(b.genirq, b.irq); });
    const found = b.smp.diagnostics.take();
    expect(found.map(({ kind }) => kind)).toEqual(['context', 'lock-order']);
    expect(found[1]!.message).toContain('irq_desc 0 is taken in hard irq context');
    expect(found[1]!.stack).toContain('genericHandleIrq');
  });

  test('a handler that enables interrupts, by its name, and they go off again', () => {
    const b = device();
    requestIrq(b.genirq, b.irq, function carelessHandler() { b.smp.cpus.localIrqEnable(); return IRQ_HANDLED; }, 0, 'x');
    trap(b.smp, () => {
      genericHandleIrq(b.genirq, b.irq);
      expect(b.smp.cpus.irqsDisabled()).toBe(true);
    });
    expectOne(b, 'warn', 'irq 0 handler carelessHandler enabled interrupts', 'genericHandleIrq');
  });

  test('a per-CPU handler that enables interrupts: its flow takes no lock, the entry sees it', () => {
    const b = makeBench({ callbacks: ['irqMask', 'irqUnmask'], flow: handlePercpuDevidIrq });
    setPercpuDevid(b.genirq, b.irq);
    requestPercpuIrq(b.genirq, b.irq, () => { b.smp.cpus.localIrqEnable(); return IRQ_HANDLED; }, 'x', new PerCpu(() => 0));
    trap(b.smp, () => {
      genericHandleIrq(b.genirq, b.irq);
      expect(b.smp.cpus.irqsDisabled()).toBe(true);
    });
    expectOne(b, 'context', /irq 0: handle_percpu_devid_irq came back with interrupts on/, 'genericHandleIrq');
  });

  test.each([
    ['irqUnmask', handleLevelIrq, 'handle_level_irq'], ['irqEoi', handleFasteoiIrq, 'handle_fasteoi_irq'], ['irqEoi', handlePercpuIrq, 'handle_percpu_irq'],
  ] as const)('a chip whose %s leaves interrupts on, by its name, after %p', (callback, flow, symbol) => {
    const b = device({ flow, callbacks: ['irqMask', 'irqUnmask', 'irqEoi'] });
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    b.data.chip = { ...b.data.chip, [callback]: () => { b.smp.cpus.localIrqEnable(); } };
    trap(b.smp, () => {
      genericHandleIrq(b.genirq, b.irq);
      expect(b.smp.cpus.irqsDisabled()).toBe(true);
    });
    expectOne(b, 'context', new RegExp(`^irq 0: ${symbol} came back with interrupts on; a callback of chip noting`), 'genericHandleIrq');
  });

  test('a chip that leaves interrupts on under a set-up call: the lock, and the call on the stack', () => {
    const b = device({ chip: { irqUnmask: () => { b.smp.cpus.localIrqEnable(); } } });
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    expectOne(b, 'context', /irq_desc 0 is released with interrupts on/, 'requestIrq');
  });

  test('a root handler that comes back with interrupts on', () => {
    const b = device();
    b.genirq.setHandleIrq(() => { b.smp.cpus.localIrqEnable(); });
    off(b, () => {
      b.genirq.handleArchIrq(9);
      expect(b.smp.cpus.irqsDisabled()).toBe(true);
    });
    expectOne(b, 'context', /handleArchIrq: the root handler came back from cause 9 with interrupts on/, 'handleArchIrq');
  });
});

describe('a chained handler', () => {
  const chained = (demux: (b: Bench) => void): Bench => {
    const b = makeBench({ callbacks: ['irqEoi', 'irqUnmask'] });
    setChainedHandler(b.genirq, b.irq, (desc) => {
      chainedIrqEnter(desc.irqData.chip, desc);
      demux(b);
      chainedIrqExit(desc.irqData.chip, desc);
    });
    return b;
  };

  test('with interrupts on at its start', () => {
    const b = chained(() => undefined);
    b.smp.cpus.irqEnter();
    b.desc.handleIrq(b.desc);
    b.smp.cpus.irqExit();
    b.smp.cpus.localIrqEnable();
    expectOne(b, 'context', /chainedIrqEnter of irq 0 with interrupts on/, 'chainedIrqEnter');
  });

  test('that switched them on between enter and exit', () => {
    const b = chained(({ smp }) => smp.cpus.localIrqEnable());
    trap(b.smp, () => genericHandleIrq(b.genirq, b.irq));
    expectOne(b, 'context', /chainedIrqExit of irq 0 with interrupts on/, 'chainedIrqExit');
  });

  test('whose action is ever called', () => {
    const b = chained(() => undefined);
    b.desc.action!.handler(b.irq, null as never);
    expectOne(b, 'warn', 'Chained irq 0 should not call an action', 'handler');
  });
});

describe('counts that do not balance', () => {
  test('enableIrq once too often', () => {
    const b = device();
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    enableIrq(b.genirq, b.irq);
    expectOne(b, 'warn', 'Unbalanced enable for IRQ 0', 'enableIrq');
  });

  test('disableIrqWake once too often', () => {
    const b = device();
    disableIrqWake(b.genirq, b.irq);
    expectOne(b, 'warn', 'Unbalanced IRQ 0 wake disable', 'disableIrqWake');
  });

  test('freeIrq of what was not requested', () => {
    const b = device();
    freeIrq(b.genirq, b.irq, 'nobody');
    expectOne(b, 'warn', 'Trying to free already-free IRQ 0', 'freeIrq');
  });
});

describe('a per-CPU interrupt switched for another CPU', () => {
  test.each([['irqPercpuEnable', irqPercpuEnable], ['irqPercpuDisable', irqPercpuDisable]] as const)('by %s', (name, change) => {
    const b = makeBench({ callbacks: ['irqMask', 'irqUnmask'], flow: handlePercpuDevidIrq });
    setPercpuDevid(b.genirq, b.irq);
    off(b, () => change(b.desc, 1));
    expectOne(b, 'wrong-cpu', new RegExp(`${name} of irq 0 for CPU1 runs on CPU0`), name);
    b.smp.cpus.runOn(1, () => off(b, () => change(b.desc, 1)));
    expect(findings(b.smp)).toEqual([]);
  });
});

describe('locks', () => {
  test('a call that takes the descriptor\'s lock, from a chip callback that runs under it', () => {
    const b = device({ chip: { irqUnmask: () => { enableIrq(b.genirq, b.irq); } } });
    requestIrq(b.genirq, b.irq, handled, 0, 'x');
    const found = b.smp.diagnostics.take();
    expect(found[0]).toMatchObject({ kind: 'lock-order', message: 'CPU0 takes irq_desc 0, which it holds already.' });
    expect(found[0]!.stack).toContain('enableIrq');
    expect(b.desc.lock.locked).toBe(false);
  });

  test('two descriptors, each locked under the other', () => {
    const b = device();
    const second = b.genirq.irqToDesc(allocDescs(b.genirq, -1, 0, 1, 0))!;
    const take = (outer: typeof second, inner: typeof second): void => off(b, () => {
      outer.lock.lock();
      inner.lock.lock();
      inner.lock.unlock();
      outer.lock.unlock();
    });
    take(b.desc, second);
    expect(findings(b.smp)).toEqual([]);
    take(second, b.desc);
    expectOne(b, 'lock-order', /takes irq_desc 0 inside irq_desc 1; elsewhere irq_desc 1 is taken inside irq_desc 0/, 'take');
  });
});
