import { CpuMask, IrqError, PerCpu } from '@irqchip/smp';
import {
  disableIrq, disablePercpuIrq, enableIrq, enablePercpuIrq, freeIrq, freePercpuIrq, handlePercpuDevidIrq, handlePercpuIrq, IRQ, IRQ_HANDLED, IRQ_TYPE, IRQD, IRQF, irqdSetTriggerType, IRQS, kstatIrqs, kstatIrqsCpu,
  percpuIsEnabled, requestIrq, requestPercpuIrq, requestPercpuIrqAffinity, setChainedHandler, setIrqType, setIrqWake, setPercpuDevid, setStatusFlags, setNorequest,
} from '../src/index.ts';
import { arrive, codeOf, findings, handled, logTexts, makeBench, taken, trap, type BenchOptions } from './fixture.ts';

function percpuBench(options: BenchOptions = {}) {
  const bench = makeBench({ nrCpus: 4, callbacks: ['irqMask', 'irqUnmask'], flow: handlePercpuDevidIrq, ...options });
  setPercpuDevid(bench.genirq, bench.irq);
  return { ...bench, ids: new PerCpu((cpu) => `dev${cpu}`) };
}

describe('what debugfs shows of per-CPU interrupts', () => {
  test.each(['6.12', '7.2'] as const)('a requested timer, %s', (linux) => {
    const { genirq, irq, desc, ids } = percpuBench({ linux });
    requestPercpuIrq(genirq, irq, handled, 'riscv-timer', ids);
    expect([desc.settings, desc.istate, desc.depth, desc.common.state]).toEqual([linux === '7.2' ? 0x431600 : 0x31600, 0x4000, 1, 0x30a00]);
  });

  test.each(['6.12', '7.2'] as const)('an IPI that was hidden after its request, %s', (linux) => {
    const { genirq, irq, desc, ids } = percpuBench({ linux });
    requestPercpuIrq(genirq, irq, handled, 'IPI', ids);
    setStatusFlags(genirq, irq, IRQ.HIDDEN);
    expect([desc.settings, desc.istate, desc.depth, desc.common.state]).toEqual([0x131600, 0x4000, 1, 0x30a00]);
  });

  test.each(['6.12', '7.2'] as const)('a parent with a chained handler, %s', (linux) => {
    const { genirq, irq, desc } = percpuBench({ linux });
    setChainedHandler(genirq, irq, function imsicHandleIrq() {});
    expect([desc.settings, desc.istate, desc.depth, desc.common.state]).toEqual([0x31e00, 0x4000, 0, 0x400a00]);
  });
});

describe('request', () => {
  test('nothing is unmasked', () => {
    const { genirq, irq, ids, calls } = percpuBench();
    requestPercpuIrq(genirq, irq, handled, 'x', ids);
    expect(calls).toEqual([]);
  });

  test('EINVAL: no device ids, no descriptor, NOREQUEST, not a per-CPU interrupt', () => {
    const { genirq, irq, ids } = percpuBench();
    expect(codeOf(() => requestPercpuIrq(genirq, irq, handled, 'x', null as never))).toBe('EINVAL');
    expect(codeOf(() => requestPercpuIrq(genirq, 99, handled, 'x', ids))).toBe('EINVAL');
    setNorequest(genirq, irq);
    expect(codeOf(() => requestPercpuIrq(genirq, irq, handled, 'x', ids))).toBe('EINVAL');
    const plain = makeBench();
    expect(codeOf(() => requestPercpuIrq(plain.genirq, plain.irq, handled, 'x', ids))).toBe('EINVAL');
  });

  test('an ordinary request of it is EINVAL and a warning, an ordinary free a warning', () => {
    const { smp, genirq, irq } = percpuBench();
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('EINVAL');
    expect(freeIrq(genirq, irq)).toBeNull();
    expect(findings(smp)).toHaveLength(2);
  });

  test('the calls for ordinary interrupts pass it by, or are EINVAL', () => {
    const { genirq, irq, desc } = percpuBench();
    disableIrq(genirq, irq);
    enableIrq(genirq, irq);
    expect(desc.depth).toBe(1);
    expect(codeOf(() => setIrqType(genirq, irq, 1))).toBe('EINVAL');
    expect(codeOf(() => setIrqWake(genirq, irq, true))).toBe('EINVAL');
  });

  test('out of memory is ENOMEM and leaves no action', () => {
    const { smp, genirq, irq, desc, ids } = percpuBench();
    smp.faults.fail('irqaction');
    expect(codeOf(() => requestPercpuIrq(genirq, irq, handled, 'x', ids))).toBe('ENOMEM');
    expect(desc.action).toBeNull();
  });

  test('6.12: a second request is EBUSY with the mismatch printed', () => {
    const { smp, genirq, irq, ids } = percpuBench();
    requestPercpuIrq(genirq, irq, handled, 'one', ids);
    expect(codeOf(() => requestPercpuIrq(genirq, irq, handled, 'two', new PerCpu(() => 0)))).toBe('EBUSY');
    expect(logTexts(smp)).toEqual(['genirq: Flags mismatch irq 0. 00004400 (two) vs. 00004400 (one)']);
  });

  test('7.2: requests divide the CPUs; overlapping ones are EINVAL', () => {
    const bench = percpuBench({ linux: '7.2' });
    const { smp, genirq, irq, ids, desc } = bench;
    const seen: string[] = [];
    const handler = (tag: string) => (_irq: number, id: string) => { seen.push(`${tag} ${id}`); return IRQ_HANDLED; };
    requestPercpuIrqAffinity(genirq, irq, handler('low'), 'low', new CpuMask(4, [0, 1]), ids);
    requestPercpuIrqAffinity(genirq, irq, handler('high'), 'high', new CpuMask(4, [3]), new PerCpu((cpu) => `other${cpu}`));
    expect(codeOf(() => requestPercpuIrqAffinity(genirq, irq, handled, 'late', new CpuMask(4, [1, 2]), new PerCpu(() => 0)))).toBe('EINVAL');
    expect(codeOf(() => requestPercpuIrqAffinity(genirq, irq, handled, 'same', new CpuMask(4, [2]), ids))).toBe('EINVAL');
    expect(desc.action!.flags).toBe(IRQF.PERCPU | IRQF.NO_SUSPEND | IRQF.SHARED);
    arrive(bench, 1);
    arrive(bench, 3);
    expect(seen).toEqual(['low dev1', 'high other3']);
    arrive(bench, 2);
    expect(logTexts(smp)).toEqual(['genirq: Overlapping affinities for late (irq 0)', 'genirq: Overlapping affinities for same (irq 0)', 'Spurious percpu IRQ0 on CPU2']);
  });
});

describe('enable and disable', () => {
  test('act on the calling CPU only, with its interrupts off', () => {
    const off: boolean[] = [];
    const bench = percpuBench({ chip: { irqUnmask: () => void off.push(bench.smp.cpus.irqsDisabled()) } });
    const { smp, genirq, irq, desc } = bench;
    smp.cpus.runOn(2, () => enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE));
    expect([off, desc.percpuEnabled!.toList(), smp.cpus.irqsDisabledOn(2)]).toEqual([[true], '2', false]);
    expect([percpuIsEnabled(genirq, irq), smp.cpus.runOn(2, () => percpuIsEnabled(genirq, irq))]).toEqual([false, true]);
    expect(desc.common.state).toBe(0x30800);
    disablePercpuIrq(genirq, irq);
    expect([taken(bench.calls), desc.percpuEnabled!.toList()]).toEqual([['irqMask'], '2']);
    smp.cpus.runOn(2, () => disablePercpuIrq(genirq, irq));
    expect(desc.percpuEnabled!.toList()).toBe('');
  });

  test('prefer irqEnable and irqDisable', () => {
    const { genirq, irq, calls } = percpuBench({ callbacks: ['irqEnable', 'irqDisable', 'irqMask', 'irqUnmask'] });
    enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE);
    disablePercpuIrq(genirq, irq);
    expect(calls).toEqual(['irqEnable', 'irqDisable']);
  });

  test('a chip that can do neither is refused when it is enabled', () => {
    const { genirq, irq, desc } = percpuBench({ callbacks: [] });
    expect(() => enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE)).toThrow('chip noting has neither irqUnmask nor irqEnable');
    expect([desc.percpuEnabled!.toList(), desc.lock.locked]).toEqual(['', false]);
  });

  test('NONE takes the recorded type; a type is programmed before the unmask', () => {
    const { genirq, irq, data, calls } = percpuBench({ callbacks: ['irqUnmask', 'irqSetType'] });
    enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE);
    expect(taken(calls)).toEqual(['irqUnmask']);
    irqdSetTriggerType(data, IRQ_TYPE.EDGE_RISING);
    enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE);
    expect(calls).toEqual(['irqSetType', 'irqUnmask']);
  });

  test('a type that the chip refuses warns and leaves it off', () => {
    const { smp, genirq, irq, desc } = percpuBench({ chip: { irqSetType: () => { throw new IrqError('EINVAL', 'no'); } } });
    enablePercpuIrq(genirq, irq, IRQ_TYPE.LEVEL_HIGH);
    expect([findings(smp), desc.percpuEnabled!.toList()]).toEqual([['failed to set type for IRQ0'], '']);
  });

  test('other interrupts are passed by', () => {
    const { genirq, irq, calls } = makeBench({ callbacks: ['irqUnmask', 'irqMask'] });
    enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE);
    disablePercpuIrq(genirq, irq);
    expect([calls, percpuIsEnabled(genirq, irq), percpuIsEnabled(genirq, 99)]).toEqual([[], false, false]);
  });
});

describe('free', () => {
  test('is refused while a CPU has it enabled', () => {
    const { smp, genirq, irq, desc, ids } = percpuBench();
    requestPercpuIrq(genirq, irq, handled, 'x', ids);
    smp.cpus.runOn(3, () => enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE));
    freePercpuIrq(genirq, irq, ids);
    expect([findings(smp), desc.action]).toEqual([['percpu IRQ 0 still enabled on CPU3!'], expect.anything()]);
    smp.cpus.runOn(3, () => disablePercpuIrq(genirq, irq));
    freePercpuIrq(genirq, irq, ids);
    expect([findings(smp), desc.action]).toEqual([[], null]);
  });

  test('ends its time as an NMI, and in hard irq warns', () => {
    const { smp, genirq, irq, desc, ids } = percpuBench();
    requestPercpuIrq(genirq, irq, handled, 'x', ids);
    desc.istate |= IRQS.NMI;
    trap(smp, () => freePercpuIrq(genirq, irq, ids));
    expect([findings(smp), desc.istate, desc.action]).toEqual([['Trying to free IRQ 0 from IRQ context!'], IRQS.SYSFS, null]);
  });

  test('is done under the bus lock; enabling and disabling are not, since STARTING callbacks do that', () => {
    const { genirq, irq, ids, calls } = percpuBench({ callbacks: ['irqMask', 'irqUnmask', 'irqBusLock', 'irqBusSyncUnlock'] });
    requestPercpuIrq(genirq, irq, handled, 'x', ids);
    enablePercpuIrq(genirq, irq, IRQ_TYPE.NONE);
    disablePercpuIrq(genirq, irq);
    taken(calls);
    freePercpuIrq(genirq, irq, ids);
    expect(calls).toEqual(['irqBusLock', 'irqBusSyncUnlock']);
  });

  test('of an unknown device id warns', () => {
    const { smp, genirq, irq, ids } = percpuBench();
    freePercpuIrq(genirq, irq, ids);
    expect(findings(smp)).toEqual(['Trying to free already-free IRQ 0']);
  });

  test('clears the row flag of 7.2', () => {
    const { genirq, irq, desc, ids } = percpuBench({ linux: '7.2' });
    requestPercpuIrq(genirq, irq, handled, 'x', ids);
    freePercpuIrq(genirq, irq, ids);
    expect(desc.settings).toBe(0x31600);
  });
});

describe('handlePercpuDevidIrq', () => {
  test('acknowledges, hands over this CPU\'s device id, completes; counts on this CPU only', () => {
    const bench = percpuBench({ callbacks: ['irqAck', 'irqEoi', 'irqUnmask'] });
    requestPercpuIrq(bench.genirq, bench.irq, (irq, id: string) => { bench.calls.push(`handler ${irq} ${id}`); return IRQ_HANDLED; }, 'x', bench.ids);
    arrive(bench, 2);
    arrive(bench, 3);
    expect(bench.calls).toEqual(['irqAck', 'handler 0 dev2', 'irqEoi', 'irqAck', 'handler 0 dev3', 'irqEoi']);
    expect([kstatIrqsCpu(bench.genirq, 0, 2), bench.desc.totCount, kstatIrqs(bench.genirq, 0)]).toEqual([1, 0, 2]);
  });

  test('looks at neither depth nor DISABLED, takes no lock, sets no INPROGRESS', () => {
    const bench = percpuBench();
    let inProgress = -1;
    requestPercpuIrq(bench.genirq, bench.irq, () => { inProgress = bench.desc.common.state & IRQD.IRQ_INPROGRESS; return IRQ_HANDLED; }, 'x', bench.ids);
    bench.desc.lock.lock();
    bench.desc.handleIrq(bench.desc);
    bench.desc.lock.unlock();
    expect([inProgress, findings(bench.smp)]).toEqual([0, []]);
  });

  test('without an action it is disabled here, and said once', () => {
    const bench = percpuBench();
    bench.smp.cpus.runOn(1, () => enablePercpuIrq(bench.genirq, bench.irq, IRQ_TYPE.NONE));
    taken(bench.calls);
    arrive(bench, 1);
    arrive(bench, 1);
    expect([bench.calls, bench.desc.percpuEnabled!.toList()]).toEqual([['irqMask'], '']);
    expect(logTexts(bench.smp)).toEqual(['Spurious and unmasked percpu IRQ0 on CPU1']);
  });

  test('a watcher sees entry and exit', () => {
    const bench = percpuBench();
    const seen: unknown[] = [];
    bench.genirq.trace = { handlerEntry: (irq, name) => void seen.push(irq, name), handlerExit: (irq, ret) => void seen.push(irq, ret) };
    requestPercpuIrq(bench.genirq, bench.irq, handled, 'x', bench.ids);
    arrive(bench);
    expect(seen).toEqual([0, 'x', 0, 1]);
  });
});

test('handlePercpuIrq counts on this CPU only, and touches neither lock nor state', () => {
  const bench = makeBench({ callbacks: ['irqAck', 'irqEoi'], flow: handlePercpuIrq });
  setStatusFlags(bench.genirq, bench.irq, IRQ.PER_CPU);
  requestIrq(bench.genirq, bench.irq, () => { bench.calls.push('handler'); return IRQ_HANDLED; }, IRQF.PERCPU, 'x');
  arrive(bench, 1);
  expect(bench.calls).toEqual(['irqAck', 'handler', 'irqEoi']);
  expect([bench.desc.totCount, kstatIrqs(bench.genirq, bench.irq), kstatIrqsCpu(bench.genirq, bench.irq, 1)]).toEqual([0, 1, 1]);
});
