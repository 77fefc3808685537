import {
  freeIrq, handleLevelIrq, handleNestedIrq, handleSimpleIrq, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQF, IRQS, irqWakeThread, requestThreadedIrq, runIrqThreads, setNestedThread, disableIrqNosync, enableIrq, IRQD,
} from '../src/index.ts';
import { arrive, findings, handled, makeBench, taken, trap } from './fixture.ts';

function threaded(threadFn: () => number = handled, flags = 0, options = {}) {
  const bench = makeBench({ nrCpus: 4, flow: handleSimpleIrq, ...options });
  requestThreadedIrq(bench.genirq, bench.irq, () => IRQ_WAKE_THREAD, threadFn, flags, 'x', 'dev');
  return bench;
}

describe('a woken thread', () => {
  test('runs as a task of the CPU that woke it, once, however often it was woken', () => {
    const seen: unknown[] = [];
    const bench = threaded(() => { seen.push(bench.smp.cpus.current, bench.smp.cpus.inHardirq(), bench.smp.cpus.irqsDisabled()); return IRQ_HANDLED; });
    arrive(bench, 2);
    arrive(bench, 2);
    expect([seen, bench.genirq.threads.pending, bench.desc.threadsActive]).toEqual([[], true, 1]);
    expect([runIrqThreads(bench.genirq), runIrqThreads(bench.genirq)]).toEqual([1, 0]);
    expect([seen, bench.desc.threadsHandled, bench.desc.threadsActive]).toEqual([[2, false, false], 1, 0]);
  });

  test('does not run while its CPU is in hard irq or has interrupts off', () => {
    const bench = threaded();
    arrive(bench, 1);
    expect(trap(bench.smp, () => runIrqThreads(bench.genirq), 1)).toBe(0);
    bench.smp.cpus.runOn(1, () => bench.smp.cpus.localIrqDisable());
    expect(runIrqThreads(bench.genirq)).toBe(0);
    bench.smp.cpus.runOn(1, () => bench.smp.cpus.localIrqEnable());
    expect(runIrqThreads(bench.genirq)).toBe(1);
  });

  test('goes to another CPU when its own has gone', () => {
    const cpus: number[] = [];
    const bench = threaded(() => { cpus.push(bench.smp.cpus.current); return IRQ_HANDLED; });
    arrive(bench, 3);
    bench.smp.cpus.online.clear(3);
    runIrqThreads(bench.genirq);
    expect(cpus).toEqual([0]);
  });

  test('woken while it runs, runs again, and not inside itself', () => {
    let depth = 0;
    let runs = 0;
    const bench = threaded(() => {
      depth++;
      expect(depth).toBe(1);
      if (++runs === 1) {
        arrive(bench);
        expect(runIrqThreads(bench.genirq)).toBe(0);
      }
      depth--;
      return IRQ_HANDLED;
    });
    arrive(bench);
    expect([runIrqThreads(bench.genirq), runs]).toEqual([2, 2]);
  });

  test('that is woken again whenever it ends is a storm, told with its name', () => {
    let runs = 0;
    const bench = threaded(() => { runs++; arrive(bench); return IRQ_HANDLED; });
    bench.genirq.threads.limit = 50;
    arrive(bench);
    expect(() => runIrqThreads(bench.genirq)).toThrow(expect.objectContaining({
      code: 'EDEADLK', message: `The thread of irq ${bench.irq} (x) ran 50 times in a row, and each time the interrupt came again: does the thread make its device let go of the line?`,
    }));
    expect(runs).toBe(50);
  });

  test('that handles nothing is not counted as having handled', () => {
    const bench = threaded(() => IRQ_NONE);
    arrive(bench);
    runIrqThreads(bench.genirq);
    expect(bench.desc.threadsHandled).toBe(0);
  });

  test('that returns IRQ_WAKE_THREAD is told off once', () => {
    const bench = threaded(() => IRQ_WAKE_THREAD);
    arrive(bench);
    runIrqThreads(bench.genirq);
    expect(findings(bench.smp)).toEqual([expect.stringContaining('returned IRQ_WAKE_THREAD; a thread returns')]);
  });

  test('free waits for it', () => {
    let runs = 0;
    const bench = threaded(() => { runs++; return IRQ_HANDLED; });
    arrive(bench);
    expect(freeIrq(bench.genirq, bench.irq, 'dev')).toBe('x');
    expect([runs, bench.desc.threadsActive]).toEqual([1, 0]);
  });

  test('irqWakeThread wakes the one of that devId', () => {
    const bench = threaded();
    irqWakeThread(bench.genirq, bench.irq, 'other');
    irqWakeThread(bench.genirq, 9, 'dev');
    expect(bench.genirq.threads.pending).toBe(false);
    irqWakeThread(bench.genirq, bench.irq, 'dev');
    expect(runIrqThreads(bench.genirq)).toBe(1);
  });
});

test('a thread that is not oneshot leaves the mask alone', () => {
  const bench = threaded(handled, 0, { callbacks: ['irqUnmask'] });
  arrive(bench);
  bench.data.common.state |= IRQD.IRQ_MASKED;
  taken(bench.calls);
  runIrqThreads(bench.genirq);
  expect([bench.calls, bench.data.common.state & IRQD.IRQ_MASKED]).toEqual([[], IRQD.IRQ_MASKED]);
});

describe('oneshot', () => {
  const oneshot = (threadFn: () => number) => {
    const bench = makeBench({ flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask'] });
    requestThreadedIrq(bench.genirq, bench.irq, null, threadFn, IRQF.ONESHOT, 'x', null);
    taken(bench.calls);
    return bench;
  };

  test('a thread that is woken again keeps the line masked until its last run', () => {
    let runs = 0;
    const bench = oneshot(() => {
      if (++runs === 1) irqWakeThread(bench.genirq, bench.irq, null);
      else bench.calls.push('last run');
      return IRQ_HANDLED;
    });
    arrive(bench);
    runIrqThreads(bench.genirq);
    expect(bench.calls).toEqual(['irqMask', 'last run', 'irqUnmask']);
  });

  test('an interrupt that was disabled meanwhile is left masked by the thread', () => {
    const bench = oneshot(() => { disableIrqNosync(bench.genirq, bench.irq); return IRQ_HANDLED; });
    arrive(bench);
    runIrqThreads(bench.genirq);
    expect(taken(bench.calls)).toEqual(['irqMask']);
    enableIrq(bench.genirq, bench.irq);
    expect(bench.calls).toEqual(['irqUnmask']);
  });

  test('the thread waits for handlers that run on another CPU', () => {
    const bench = oneshot(handled);
    arrive(bench);
    bench.data.common.state |= IRQD.IRQ_INPROGRESS;
    bench.smp.cpus.attach({ deliver: () => undefined, relax: () => { bench.calls.push('waited'); bench.data.common.state &= ~IRQD.IRQ_INPROGRESS; return true; } });
    runIrqThreads(bench.genirq);
    expect(bench.calls).toEqual(['irqMask', 'waited', 'irqUnmask']);
  });
});

test('forced threading with a thread of its own: handler, then the driver\'s thread, then the unmask is free to come', () => {
  const bench = makeBench({ threadirqs: true, flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask'] });
  requestThreadedIrq(bench.genirq, bench.irq, () => { bench.calls.push('handler'); return IRQ_WAKE_THREAD; }, () => { bench.calls.push('thread'); return IRQ_HANDLED; }, 0, 'x', null);
  taken(bench.calls);
  arrive(bench);
  expect(runIrqThreads(bench.genirq)).toBe(2);
  expect(bench.calls).toEqual(['irqMask', 'handler', 'irqUnmask', 'thread']);
  expect([bench.desc.threadsActive, bench.desc.threadsOneshot, bench.desc.istate & IRQS.ONESHOT]).toEqual([0, 0, IRQS.ONESHOT]);
  expect(findings(bench.smp)).toEqual([]);
});

describe('handleNestedIrq', () => {
  const nested = (threadFn: () => number) => {
    const bench = makeBench({ flow: handleSimpleIrq });
    setNestedThread(bench.genirq, bench.irq, true);
    requestThreadedIrq(bench.genirq, bench.irq, null, threadFn, IRQF.ONESHOT, 'x', null);
    return bench;
  };

  test('runs the thread functions at once, counted, active, not INPROGRESS', () => {
    const seen: unknown[] = [];
    const bench = nested(() => { seen.push(bench.desc.threadsActive, bench.data.common.state & IRQD.IRQ_INPROGRESS, bench.desc.lock.locked); return IRQ_HANDLED; });
    handleNestedIrq(bench.genirq, bench.irq);
    expect([seen, bench.desc.totCount, bench.desc.threadsActive]).toEqual([[1, 0, false], 1, 0]);
  });

  test('disabled it becomes PENDING; without a descriptor nothing happens', () => {
    const bench = nested(() => { throw new Error('must not run'); });
    disableIrqNosync(bench.genirq, bench.irq);
    handleNestedIrq(bench.genirq, bench.irq);
    handleNestedIrq(bench.genirq, 9);
    expect([bench.desc.istate & IRQS.PENDING, bench.desc.totCount]).toEqual([IRQS.PENDING, 0]);
  });

  test('in hard irq is a context finding', () => {
    const bench = nested(handled);
    trap(bench.smp, () => handleNestedIrq(bench.genirq, bench.irq));
    expect(findings(bench.smp, 'context')).toHaveLength(1);
  });

  test('what nobody handles is counted as unhandled', () => {
    const bench = nested(() => IRQ_NONE);
    handleNestedIrq(bench.genirq, bench.irq);
    expect(bench.desc.irqsUnhandled).toBe(1);
  });
});
