import { IRQ, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQ_TYPE, IRQD, IRQF, IRQS, disableIrqNosync, enableIrq, freeIrq, handleBadIrq, handleSimpleIrq, handleUntrackedIrq, kstatIrqs, kstatIrqsCpu, requestIrq, setHandler, setStatusFlags } from '../src/index.ts';
import { arrive, findings, handled, logTexts, makeBench } from './fixture.ts';

describe('handleSimpleIrq', () => {
  test('runs every action with irq and devId, counts, and never calls the chip', () => {
    const bench = makeBench({ callbacks: ['irqMask', 'irqUnmask', 'irqAck', 'irqEoi'], flow: handleSimpleIrq });
    const { genirq, irq, calls } = bench;
    const seen: unknown[] = [];
    for (const devId of ['a', 'b']) requestIrq(genirq, irq, (n, id: string) => { seen.push(n, id); return IRQ_HANDLED; }, IRQF.SHARED, devId, devId);
    calls.length = 0;
    arrive(bench, 1);
    expect(seen).toEqual([irq, 'a', irq, 'b']);
    expect([kstatIrqsCpu(genirq, irq, 0), kstatIrqsCpu(genirq, irq, 1), kstatIrqs(genirq, irq)]).toEqual([0, 1, 1]);
    expect(calls).toEqual([]);
  });

  test('INPROGRESS is set and the lock free while handlers run', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const seen: unknown[] = [];
    requestIrq(bench.genirq, bench.irq, () => {
      seen.push(bench.data.common.state & IRQD.IRQ_INPROGRESS, bench.desc.lock.locked);
      return IRQ_HANDLED;
    }, 0, 'x');
    arrive(bench);
    expect(seen).toEqual([IRQD.IRQ_INPROGRESS, false]);
    expect([bench.data.common.state & IRQD.IRQ_INPROGRESS, bench.desc.lock.locked]).toEqual([0, false]);
  });

  test('disabled it becomes PENDING and is replayed by enable', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { genirq, irq, desc } = bench;
    let runs = 0;
    requestIrq(genirq, irq, () => { runs++; return IRQ_HANDLED; }, 0, 'x');
    disableIrqNosync(genirq, irq);
    arrive(bench);
    expect([runs, desc.istate & IRQS.PENDING, desc.totCount]).toEqual([0, IRQS.PENDING, 0]);
    enableIrq(genirq, irq);
    expect(genirq.resends.run()).toBe(1);
    expect([runs, desc.istate & IRQS.PENDING]).toEqual([1, 0]);
  });

  test('without an action it becomes PENDING', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    arrive(bench);
    expect([bench.desc.istate & IRQS.PENDING, bench.desc.totCount]).toEqual([IRQS.PENDING, 0]);
  });

  test.each([[0, 0], [IRQD.RESEND_WHEN_IN_PROGRESS, IRQS.PENDING]])('an arrival during its own handlers is dropped, or with RESEND_WHEN_IN_PROGRESS kept (%p)', (flag, pending) => {
    const bench = makeBench({ flow: handleSimpleIrq });
    bench.data.common.state |= flag;
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => {
      if (++runs === 1) arrive(bench, 1);
      return IRQ_HANDLED;
    }, 0, 'x');
    arrive(bench);
    expect([runs, bench.desc.istate & IRQS.PENDING]).toEqual([1, pending]);
  });

  test('a handler that throws leaves neither lock nor INPROGRESS behind', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    requestIrq(bench.genirq, bench.irq, () => { throw new RangeError('driver bug'); }, 0, 'x');
    expect(() => arrive(bench)).toThrow(RangeError);
    expect([bench.desc.lock.locked, bench.data.common.state & IRQD.IRQ_INPROGRESS]).toEqual([false, 0]);
  });

  test('a handler that leaves interrupts on is told off once, and they go off', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { smp } = bench;
    const off: boolean[] = [];
    requestIrq(bench.genirq, bench.irq, function careless() { smp.cpus.localIrqEnable(); return IRQ_HANDLED; }, IRQF.SHARED, 'x', 1);
    requestIrq(bench.genirq, bench.irq, () => { off.push(smp.cpus.irqsDisabled()); return IRQ_HANDLED; }, IRQF.SHARED, 'y', 2);
    arrive(bench);
    arrive(bench);
    expect(off).toEqual([true, true]);
    expect(findings(smp)).toEqual(['irq 0 handler careless enabled interrupts']);
  });

  test('IRQ_WAKE_THREAD without a thread function is one message an action', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    requestIrq(bench.genirq, bench.irq, () => IRQ_WAKE_THREAD, 0, 'sleepy');
    arrive(bench);
    arrive(bench);
    expect(logTexts(bench.smp)).toEqual(['IRQ 0 device sleepy returned IRQ_WAKE_THREAD but no thread function available.']);
  });

  test('an armed wake-up source is disabled, suspended and kept PENDING', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { desc, data } = bench;
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { runs++; return IRQ_HANDLED; }, 0, 'x');
    data.common.state |= IRQD.WAKEUP_ARMED;
    arrive(bench);
    expect([runs, desc.depth, desc.istate & (IRQS.SUSPENDED | IRQS.PENDING), data.common.state & (IRQD.WAKEUP_ARMED | IRQD.IRQ_DISABLED)])
      .toEqual([0, 1, IRQS.SUSPENDED | IRQS.PENDING, IRQD.IRQ_DISABLED]);
  });

  test('NO_DEBUG keeps the unhandled ones uncounted', () => {
    const bench = makeBench({ flow: handleSimpleIrq, noirqdebug: true });
    requestIrq(bench.genirq, bench.irq, () => IRQ_NONE, 0, 'x');
    arrive(bench);
    expect([bench.desc.settings & IRQ.NO_DEBUG, bench.desc.irqsUnhandled]).toEqual([IRQ.NO_DEBUG, 0]);
    const other = makeBench({ flow: handleSimpleIrq });
    requestIrq(other.genirq, other.irq, () => IRQ_NONE, 0, 'x');
    arrive(other);
    expect(other.desc.irqsUnhandled).toBe(1);
  });

  test('a watcher sees entry and exit of each handler', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const seen: unknown[] = [];
    bench.genirq.trace = { handlerEntry: (irq, name) => void seen.push(irq, name), handlerExit: (irq, ret) => void seen.push(irq, ret) };
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    arrive(bench);
    expect(seen).toEqual([0, 'x', 0, 1]);
  });
});

describe('handleUntrackedIrq', () => {
  test('runs the actions, and neither counts nor looks for unhandled ones', () => {
    const bench = makeBench({ flow: handleUntrackedIrq });
    let inProgress = 0;
    requestIrq(bench.genirq, bench.irq, () => { inProgress = bench.data.common.state & IRQD.IRQ_INPROGRESS; return IRQ_NONE; }, 0, 'x');
    arrive(bench);
    expect([inProgress, bench.desc.totCount, bench.desc.irqsUnhandled]).toEqual([IRQD.IRQ_INPROGRESS, 0, 0]);
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    expect(bench.desc.istate & IRQS.PENDING).toBe(IRQS.PENDING);
  });
});

describe('handleBadIrq', () => {
  test('prints, counts and complains', () => {
    const bench = makeBench();
    arrive(bench);
    expect([bench.desc.handleIrq, bench.desc.totCount]).toEqual([handleBadIrq, 1]);
    const [dump, trapped] = logTexts(bench.smp);
    expect(dump).toContain('irq 0, desc: (____ptrval____), depth: 1, count: 0, unhandled: 0');
    expect(dump).toContain('->handle_irq():  (____ptrval____), handle_bad_irq');
    expect(trapped).toBe('unexpected IRQ trap at vector 00');
    expect(dump).not.toMatch(/set$|trigger type/m);
    setStatusFlags(bench.genirq, bench.irq, IRQ.NOPROBE | IRQ_TYPE.LEVEL_HIGH);
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    bench.desc.istate |= IRQS.PENDING;
    arrive(bench);
    expect(logTexts(bench.smp)[2]).toMatch(/->action\(\): \(____ptrval____\)\n->action->handler\(\): \(____ptrval____\), handled\n {3}IRQ_NOPROBE set\n {2}IRQS_PENDING set$/);
  });

  test('the dump is printed five times in five seconds', () => {
    const bench = makeBench();
    for (let i = 0; i < 8; i++) arrive(bench);
    expect(logTexts(bench.smp).filter((text) => text.includes('->handle_irq()'))).toHaveLength(5);
  });
});

test('a freed action does not run again, its neighbour does', () => {
  const bench = makeBench({ flow: handleSimpleIrq });
  const { genirq, irq, smp } = bench;
  const seen: string[] = [];
  requestIrq(genirq, irq, () => { seen.push('a'); return IRQ_HANDLED; }, IRQF.SHARED, 'a', 1);
  requestIrq(genirq, irq, () => { seen.push('b'); return IRQ_HANDLED; }, IRQF.SHARED, 'b', 2);
  expect(freeIrq(genirq, irq, 1)).toBe('a');
  arrive(bench);
  expect(seen).toEqual(['b']);
  expect(findings(smp)).toEqual([]);
});

test('setHandler(null) takes the flow off: masked, disabled, depth 1', () => {
  const bench = makeBench({ callbacks: ['irqMask', 'irqUnmask', 'irqAck'], flow: handleSimpleIrq });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  bench.calls.length = 0;
  setHandler(bench.genirq, bench.irq, null);
  expect([bench.calls, bench.desc.handleIrq, bench.desc.depth, bench.data.common.state & IRQD.IRQ_DISABLED]).toEqual([['irqMask', 'irqAck'], handleBadIrq, 1, IRQD.IRQ_DISABLED]);
  expect(bench.desc.action).not.toBeNull();
});
