import { disableIrqNosync, enableIrq, handleEdgeIrq, handleLevelIrq, IRQ_HANDLED, IRQ_NONE, IRQD, IRQF, IRQS, requestIrq, requestThreadedIrq, runIrqThreads, setIrqType, IRQ_TYPE, freeIrq } from '../src/index.ts';
import { arrive, handled, makeBench, taken } from './fixture.ts';

const LEVEL = { callbacks: ['irqMask', 'irqUnmask', 'irqAck', 'irqSetType'] as const, flow: handleLevelIrq };

describe('handleLevelIrq', () => {
  test('masks and acknowledges first, runs, unmasks', () => {
    const bench = makeBench(LEVEL);
    requestIrq(bench.genirq, bench.irq, () => { bench.calls.push('handler'); return IRQ_HANDLED; }, 0, 'x');
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask', 'irqAck', 'handler', 'irqUnmask']);
  });

  test('without an action it stays masked', () => {
    const bench = makeBench(LEVEL);
    bench.data.common.state &= ~(IRQD.IRQ_MASKED | IRQD.IRQ_DISABLED);
    arrive(bench);
    expect([bench.calls, bench.data.common.state & IRQD.IRQ_MASKED]).toEqual([['irqMask', 'irqAck'], IRQD.IRQ_MASKED]);
  });

  test('disabled by its handler it stays masked until it is enabled', () => {
    const bench = makeBench(LEVEL);
    requestIrq(bench.genirq, bench.irq, () => { disableIrqNosync(bench.genirq, bench.irq); return IRQ_HANDLED; }, 0, 'x');
    taken(bench.calls);
    arrive(bench);
    expect(taken(bench.calls)).toEqual(['irqMask', 'irqAck']);
    enableIrq(bench.genirq, bench.irq);
    expect(bench.calls).toEqual(['irqUnmask']);
  });

  test('an arrival during the handlers masks, and is not PENDING', () => {
    const bench = makeBench(LEVEL);
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { if (++runs === 1) arrive(bench, 1); return IRQ_HANDLED; }, 0, 'x');
    arrive(bench);
    expect([runs, bench.desc.istate & IRQS.PENDING, bench.data.common.state & IRQD.IRQ_MASKED]).toEqual([1, 0, 0]);
  });

  test('disabled: PENDING, and enabling drops that since the hardware asserts again', () => {
    const bench = makeBench(LEVEL);
    const { genirq, irq, desc } = bench;
    requestIrq(genirq, irq, handled, IRQF.TRIGGER_HIGH, 'x');
    disableIrqNosync(genirq, irq);
    arrive(bench);
    expect(desc.istate & IRQS.PENDING).toBe(IRQS.PENDING);
    enableIrq(genirq, irq);
    expect([desc.istate & IRQS.PENDING, genirq.resends.pending]).toEqual([0, false]);
  });

  test('a oneshot line stays masked until its thread has run', () => {
    const bench = makeBench(LEVEL);
    requestThreadedIrq(bench.genirq, bench.irq, null, () => { bench.calls.push('thread'); return IRQ_HANDLED; }, IRQF.ONESHOT, 'x', null);
    taken(bench.calls);
    arrive(bench);
    expect(taken(bench.calls)).toEqual(['irqMask', 'irqAck']);
    expect(runIrqThreads(bench.genirq)).toBe(1);
    expect(bench.calls).toEqual(['thread', 'irqUnmask']);
  });

  test('of two oneshot threads the last one unmasks', () => {
    const bench = makeBench(LEVEL);
    const thread = (name: string) => () => { bench.calls.push(name); return IRQ_HANDLED; };
    for (const name of ['a', 'b']) requestThreadedIrq(bench.genirq, bench.irq, null, thread(name), IRQF.ONESHOT | IRQF.SHARED, name, name);
    taken(bench.calls);
    arrive(bench);
    runIrqThreads(bench.genirq);
    expect(bench.calls).toEqual(['irqMask', 'irqAck', 'a', 'b', 'irqUnmask']);
  });
});

const EDGE = { callbacks: ['irqMask', 'irqUnmask', 'irqAck', 'irqSetType'] as const, flow: handleEdgeIrq };

describe('handleEdgeIrq', () => {
  test('acknowledges before the handlers and never masks', () => {
    const bench = makeBench(EDGE);
    requestIrq(bench.genirq, bench.irq, () => { bench.calls.push('handler'); return IRQ_HANDLED; }, 0, 'x');
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck', 'handler']);
  });

  test('a line that is masked for another reason is left masked', () => {
    const bench = makeBench(EDGE);
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    bench.data.common.state |= IRQD.IRQ_MASKED;
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck']);
  });

  test('an edge during the handlers masks, and is replayed exactly once by the CPU that runs them', () => {
    const bench = makeBench(EDGE);
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => {
      bench.calls.push(`run ${++runs}`);
      if (runs === 1) arrive(bench, 1);
      return IRQ_HANDLED;
    }, 0, 'x');
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck', 'run 1', 'irqMask', 'irqAck', 'irqUnmask', 'run 2']);
    expect([bench.desc.istate & IRQS.PENDING, bench.desc.totCount]).toEqual([0, 1]);
  });

  test('disabled by its handler with an edge PENDING, it does not run again', () => {
    const bench = makeBench(EDGE);
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => {
      runs++;
      arrive(bench, 1);
      disableIrqNosync(bench.genirq, bench.irq);
      return IRQ_HANDLED;
    }, 0, 'x');
    arrive(bench);
    expect([runs, bench.desc.istate & IRQS.PENDING]).toEqual([1, IRQS.PENDING]);
  });

  test('disabled: PENDING, masked and acknowledged; enabling replays', () => {
    const bench = makeBench({ ...EDGE, callbacks: [...EDGE.callbacks, 'irqRetrigger'] });
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    disableIrqNosync(bench.genirq, bench.irq);
    taken(bench.calls);
    arrive(bench);
    expect([taken(bench.calls), bench.desc.istate & IRQS.PENDING]).toEqual([['irqMask', 'irqAck'], IRQS.PENDING]);
    enableIrq(bench.genirq, bench.irq);
    expect([bench.calls, bench.desc.istate & (IRQS.PENDING | IRQS.REPLAY)]).toEqual([['irqUnmask', 'irqRetrigger'], IRQS.REPLAY]);
    arrive(bench);
    expect(bench.desc.istate & IRQS.REPLAY).toBe(0);
  });

  test('freed while an edge is PENDING it is masked and left', () => {
    const bench = makeBench(EDGE);
    requestIrq(bench.genirq, bench.irq, () => {
      arrive(bench, 1);
      bench.desc.action = null;
      return IRQ_HANDLED;
    }, 0, 'x');
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck', 'irqMask', 'irqAck']);
  });

  test('7.2 waits for the CPU that the interrupt was moved away from', () => {
    const bench = makeBench({ ...EDGE, linux: '7.2' });
    const { smp, data } = bench;
    data.common.state |= IRQD.SINGLE_TARGET;
    const order: string[] = [];
    let resume = (): void => undefined;
    smp.cpus.attach({ deliver: () => undefined, relax: () => { resume(); return true; } });
    requestIrq(bench.genirq, bench.irq, () => {
      order.push(`handler on CPU${smp.cpus.current}`);
      return IRQ_HANDLED;
    }, 0, 'x');
    // CPU0 still handles it; CPU1 is the new target.
    data.common.effectiveAffinity.set(1);
    data.common.state |= IRQD.IRQ_INPROGRESS;
    bench.desc.runningOn = 0;
    resume = () => {
      order.push('CPU0 is done');
      data.common.state &= ~IRQD.IRQ_INPROGRESS;
    };
    arrive(bench, 1);
    expect(order).toEqual(['CPU0 is done', 'handler on CPU1']);
  });

  test('7.2 does not wait for itself: an edge on the CPU that runs the handlers is PENDING', () => {
    const bench = makeBench({ ...EDGE, linux: '7.2' });
    bench.data.common.state |= IRQD.SINGLE_TARGET;
    bench.data.common.effectiveAffinity.set(1);
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { if (++runs === 1) arrive(bench, 1); return IRQ_HANDLED; }, 0, 'x');
    arrive(bench, 1);
    expect([runs, bench.desc.runningOn]).toEqual([2, -1]);
  });

  test('6.12 does not wait: the edge is PENDING for the other CPU', () => {
    const bench = makeBench(EDGE);
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    bench.data.common.effectiveAffinity.set(1);
    bench.data.common.state |= IRQD.SINGLE_TARGET | IRQD.IRQ_INPROGRESS;
    bench.desc.runningOn = 0;
    arrive(bench, 1);
    expect(bench.desc.istate & IRQS.PENDING).toBe(IRQS.PENDING);
  });
});

test('an unhandled level interrupt is unmasked all the same', () => {
  const bench = makeBench(LEVEL);
  requestIrq(bench.genirq, bench.irq, () => IRQ_NONE, 0, 'x');
  arrive(bench);
  expect(bench.data.common.state & IRQD.IRQ_MASKED).toBe(0);
});

test('a level type is recorded in settings and dstate, an edge type takes it out again', () => {
  const bench = makeBench(LEVEL);
  setIrqType(bench.genirq, bench.irq, IRQ_TYPE.LEVEL_LOW);
  expect([bench.desc.settings, bench.data.common.state & (IRQD.LEVEL | IRQD.TRIGGER_MASK)]).toEqual([0x108, IRQD.LEVEL | 8]);
  setIrqType(bench.genirq, bench.irq, IRQ_TYPE.EDGE_RISING);
  expect([bench.desc.settings, bench.data.common.state & (IRQD.LEVEL | IRQD.TRIGGER_MASK)]).toEqual([1, 1]);
  expect(freeIrq(bench.genirq, 99)).toBeNull();
});
