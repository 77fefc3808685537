import {
  disableHardirq, disableIrqNosync, enableIrq, enableIrqWake, disableIrqWake, freeIrq, getIrqchipState, handleEdgeIrq, handleLevelIrq, handleSimpleIrq, injectInterrupt, IRQ, IRQ_HANDLED,
  IRQ_NONE, IRQ_TYPE, IRQD, IRQF, IRQS, requestAnyContextIrq, requestIrq, requestThreadedIrq, setIrqchipState, setIrqType, setIrqWake, setPercpuDevid, setStatusFlags,
} from '../src/index.ts';
import { arrive, codeOf, findings, handled, makeBench, taken } from './fixture.ts';

test.each(['6.12', '7.2'] as const)('%s: a request without a trigger type leaves the chip\'s trigger alone', (linux) => {
  const bench = makeBench({ linux, flow: handleSimpleIrq, callbacks: ['irqSetType', 'irqUnmask'] });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'plain');
  expect(bench.calls).toEqual(['irqUnmask']);
});

describe('IRQF_ONESHOT without a thread means nothing', () => {
  test.each([['7.2', 1], ['6.12', 0]] as const)('%s: findings %i', (linux, count) => {
    const bench = makeBench({ linux, flow: handleSimpleIrq });
    requestIrq(bench.genirq, bench.irq, handled, IRQF.ONESHOT, 'lone');
    expect(findings(bench.smp)).toHaveLength(count);
  });

  test('a plain handler, a thread, and a thread with ONESHOT are all fine with 7.2', () => {
    for (const [threadFn, flags] of [[null, 0], [handled, 0], [handled, IRQF.ONESHOT]] as const) {
      const bench = makeBench({ linux: '7.2', flow: handleSimpleIrq });
      requestThreadedIrq(bench.genirq, bench.irq, handled, threadFn, flags, 'fine', null);
    }
  });
});

test('memory for a thread is needed only by who has one', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  bench.smp.faults.fail('irq_thread');
  requestIrq(bench.genirq, bench.irq, handled, 0, 'plain');
  freeIrq(bench.genirq, bench.irq, null);
  expect(codeOf(() => requestThreadedIrq(bench.genirq, bench.irq, handled, handled, 0, 'threaded', null))).toBe('ENOMEM');
});

describe('flags that exclude each other', () => {
  const { SHARED, COND_SUSPEND, NO_SUSPEND, NO_AUTOEN } = IRQF;
  test.each([
    ['SHARED without a devId', SHARED, undefined, 'EINVAL'],
    ['SHARED with null', SHARED, null, 'EINVAL'],
    ['SHARED with NO_AUTOEN', SHARED | NO_AUTOEN, 'dev', 'EINVAL'],
    ['COND_SUSPEND for one alone', COND_SUSPEND, 'dev', 'EINVAL'],
    ['COND_SUSPEND with NO_SUSPEND', SHARED | COND_SUSPEND | NO_SUSPEND, 'dev', 'EINVAL'],
    ['NO_SUSPEND', NO_SUSPEND, null, undefined],
    ['SHARED with NO_SUSPEND', SHARED | NO_SUSPEND, 'dev', undefined],
    ['SHARED with COND_SUSPEND', SHARED | COND_SUSPEND, 'dev', undefined],
    ['NO_AUTOEN', NO_AUTOEN, null, undefined],
  ] as const)('%s: %#', (_name, flags, devId, code) => {
    const bench = makeBench({ flow: handleSimpleIrq });
    expect(codeOf(() => requestThreadedIrq(bench.genirq, bench.irq, handled, null, flags, 'x', devId))).toBe(code);
  });

  test('neither a handler nor a thread is EINVAL', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    expect(codeOf(() => requestThreadedIrq(bench.genirq, bench.irq, null, null, IRQF.ONESHOT, 'x', null))).toBe('EINVAL');
  });
});

test('an interrupt that arrived before anybody asked for it is replayed to its first handler', () => {
  const bench = makeBench({ flow: handleEdgeIrq, callbacks: ['irqAck', 'irqMask', 'irqUnmask', 'irqRetrigger'] });
  arrive(bench);
  expect(taken(bench.calls)).toEqual(['irqAck']);
  requestIrq(bench.genirq, bench.irq, handled, 0, 'late');
  expect(bench.calls.filter((call) => call === 'irqRetrigger')).toHaveLength(1);
});

test('the chip\'s resources are taken for the first of several handlers, given back after the last, and kept when one more is refused', () => {
  const bench = makeBench({ flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask', 'irqRequestResources', 'irqReleaseResources'] });
  const resources = (): string[] => taken(bench.calls).filter((call) => call.endsWith('Resources'));
  requestIrq(bench.genirq, bench.irq, handled, IRQF.SHARED, 'a', 'a');
  expect(resources()).toEqual(['irqRequestResources']);
  requestIrq(bench.genirq, bench.irq, handled, IRQF.SHARED, 'b', 'b');
  expect(codeOf(() => requestIrq(bench.genirq, bench.irq, handled, 0, 'c'))).toBe('EBUSY');
  freeIrq(bench.genirq, bench.irq, 'a');
  expect(resources()).toEqual([]);
  freeIrq(bench.genirq, bench.irq, 'b');
  expect(resources()).toEqual(['irqReleaseResources']);
});

test('a shared interrupt that is not enabled automatically is reported: the others would wait for ever', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  setStatusFlags(bench.genirq, bench.irq, IRQ.NOAUTOEN);
  requestIrq(bench.genirq, bench.irq, handled, IRQF.SHARED, 'a', 'a');
  expect([findings(bench.smp).length, bench.desc.depth]).toEqual([1, 1]);
  const alone = makeBench({ flow: handleSimpleIrq });
  setStatusFlags(alone.genirq, alone.irq, IRQ.NOAUTOEN);
  requestIrq(alone.genirq, alone.irq, handled, 0, 'a');
  expect([findings(alone.smp).length, alone.desc.depth]).toEqual([0, 1]);
});

test('while suspended, one disable belongs to the suspend: enables undo the others, and one more is unbalanced', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  disableIrqNosync(bench.genirq, bench.irq);
  disableIrqNosync(bench.genirq, bench.irq);
  bench.desc.istate |= IRQS.SUSPENDED;
  enableIrq(bench.genirq, bench.irq);
  expect([bench.desc.depth, findings(bench.smp).length]).toEqual([1, 0]);
  enableIrq(bench.genirq, bench.irq);
  expect([bench.desc.depth, findings(bench.smp)]).toEqual([1, [`Unbalanced enable for IRQ ${bench.irq}`]]);
});

test('calls for ordinary interrupts pass per-CPU ones by, and tell what cannot be done', () => {
  const bench = makeBench({ callbacks: ['irqMask', 'irqUnmask', 'irqSetType', 'irqSetWake'] });
  setPercpuDevid(bench.genirq, bench.irq);
  const { depth } = bench.desc;
  disableIrqNosync(bench.genirq, bench.irq);
  enableIrq(bench.genirq, bench.irq);
  expect([bench.desc.depth, disableHardirq(bench.genirq, bench.irq), bench.calls]).toEqual([depth, false, []]);
  expect(codeOf(() => setIrqType(bench.genirq, bench.irq, IRQ_TYPE.LEVEL_HIGH))).toBe('EINVAL');
  expect(codeOf(() => setIrqWake(bench.genirq, bench.irq, true))).toBe('EINVAL');
});

test('an interrupt that nobody handles is off as soon as it is disabled; with a thread at work it is not', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  expect([disableHardirq(bench.genirq, bench.irq), bench.desc.depth]).toEqual([true, 1]);
  bench.desc.threadsActive = 1;
  expect([disableHardirq(bench.genirq, bench.irq), bench.desc.depth]).toEqual([false, 2]);
});

test('an interrupt that does not exist is EINVAL for every call that must find one', () => {
  const { genirq } = makeBench();
  for (const call of [
    () => requestIrq(genirq, 40, handled, 0, 'x'), () => requestAnyContextIrq(genirq, 40, handled, 0, 'x'), () => setIrqType(genirq, 40, 0), () => setIrqWake(genirq, 40, true),
    () => getIrqchipState(genirq, 40, 'PENDING'), () => setIrqchipState(genirq, 40, 'PENDING', true), () => injectInterrupt(genirq, 40),
  ]) expect(codeOf(call)).toBe('EINVAL');
  expect(disableHardirq(genirq, 40)).toBe(false);
});

test('the chip is told once that an interrupt shall wake the machine, and once that it shall no longer', () => {
  const told: boolean[] = [];
  const bench = makeBench({ chip: { irqSetWake: (_data, on) => void told.push(on) } });
  for (const change of [enableIrqWake, enableIrqWake, disableIrqWake, disableIrqWake]) change(bench.genirq, bench.irq);
  expect([told, bench.desc.common.state & IRQD.WAKEUP_STATE]).toEqual([[true, false], 0]);
});

test('a handler\'s verdict is the sum of all: one that handled is enough', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  requestIrq(bench.genirq, bench.irq, () => IRQ_NONE, IRQF.SHARED, 'a', 'a');
  requestIrq(bench.genirq, bench.irq, () => IRQ_HANDLED, IRQF.SHARED, 'b', 'b');
  requestIrq(bench.genirq, bench.irq, () => IRQ_NONE, IRQF.SHARED, 'c', 'c');
  arrive(bench);
  expect(bench.desc.irqsUnhandled).toBe(0);
});
