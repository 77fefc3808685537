import { IrqError } from '@irqchip/smp';
import {
  disableHardirq, disableIrq, disableIrqNosync, enableIrq, handleEdgeIrq, handleSimpleIrq, IRQ, IRQ_HANDLED, IRQ_WAKE_THREAD, IRQD, IRQS, requestIrq, requestThreadedIrq, runIrqThreads, setStatusFlags, synchronizeHardirq,
  synchronizeIrq,
} from '../src/index.ts';
import { arrive, codeOf, findings, handled, makeBench, taken, trap } from './fixture.ts';

const edge = () => {
  const bench = makeBench({ flow: handleEdgeIrq, callbacks: ['irqMask', 'irqUnmask', 'irqAck'] });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  taken(bench.calls);
  return bench;
};

describe('depth', () => {
  test('nests: only the first disable and the last enable do something', () => {
    const { genirq, irq, desc, data } = edge();
    disableIrq(genirq, irq);
    disableIrqNosync(genirq, irq);
    enableIrq(genirq, irq);
    expect([desc.depth, data.common.state & IRQD.IRQ_DISABLED]).toEqual([1, IRQD.IRQ_DISABLED]);
    enableIrq(genirq, irq);
    expect([desc.depth, data.common.state & IRQD.IRQ_DISABLED]).toEqual([0, 0]);
  });

  test('one enable too many is a warning and nothing else', () => {
    const { smp, genirq, irq, desc, calls } = edge();
    enableIrq(genirq, irq);
    expect([findings(smp), desc.depth, calls]).toEqual([['Unbalanced enable for IRQ 0'], 0, []]);
  });

  test('a suspended interrupt is not enabled behind the core\'s back', () => {
    const { smp, genirq, irq, desc } = edge();
    disableIrq(genirq, irq);
    desc.istate |= IRQS.SUSPENDED;
    enableIrq(genirq, irq);
    expect([findings(smp), desc.depth]).toEqual([['Unbalanced enable for IRQ 0'], 1]);
  });

  test('the last enable sets NOPROBE, and gives a NOAUTOEN interrupt its first start', () => {
    const { genirq, irq, desc, data } = makeBench({ flow: handleSimpleIrq, callbacks: ['irqUnmask'] });
    setStatusFlags(genirq, irq, IRQ.NOAUTOEN);
    requestIrq(genirq, irq, handled, 0, 'x');
    enableIrq(genirq, irq);
    expect([desc.settings & IRQ.NOPROBE, data.common.state & IRQD.IRQ_STARTED]).toEqual([IRQ.NOPROBE, IRQD.IRQ_STARTED]);
  });

  test('the bus lock is held around both', () => {
    const { genirq, irq, calls } = makeBench({ flow: handleSimpleIrq, callbacks: ['irqBusLock', 'irqBusSyncUnlock', 'irqDisable', 'irqEnable'] });
    requestIrq(genirq, irq, handled, 0, 'x');
    taken(calls);
    disableIrqNosync(genirq, irq);
    enableIrq(genirq, irq);
    expect(calls).toEqual(['irqBusLock', 'irqDisable', 'irqBusSyncUnlock', 'irqBusLock', 'irqEnable', 'irqBusSyncUnlock']);
  });

  test('no descriptor: nothing happens', () => {
    const { genirq } = makeBench();
    expect(() => { disableIrq(genirq, 9); enableIrq(genirq, 9); synchronizeIrq(genirq, 9); }).not.toThrow();
    expect([disableHardirq(genirq, 9), synchronizeHardirq(genirq, 9)]).toEqual([false, true]);
  });
});

describe('lazy disable', () => {
  test('the line is masked by the arrival, not by the disable', () => {
    const bench = edge();
    disableIrq(bench.genirq, bench.irq);
    expect(taken(bench.calls)).toEqual([]);
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask', 'irqAck']);
  });

  test('what came while it was disabled is replayed once, however often it came', () => {
    const bench = makeBench({ flow: handleEdgeIrq, callbacks: ['irqMask', 'irqUnmask', 'irqAck'] });
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { runs++; return IRQ_HANDLED; }, 0, 'x');
    disableIrq(bench.genirq, bench.irq);
    for (let i = 0; i < 3; i++) arrive(bench);
    enableIrq(bench.genirq, bench.irq);
    expect([bench.genirq.resends.run(), bench.genirq.resends.run(), runs]).toEqual([1, 0, 1]);
  });
});

describe('synchronizeIrq', () => {
  test('in the handler itself: said at once, with what to use', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    requestIrq(bench.genirq, bench.irq, () => { disableIrq(bench.genirq, bench.irq); return IRQ_HANDLED; }, 0, 'x');
    expect(() => arrive(bench)).toThrow(expect.objectContaining({
      code: 'EDEADLK', message: `A handler of irq ${bench.irq} waits for itself: in a handler use disableIrqNosync(), and free the interrupt from a task.`,
    }));
    bench.smp.diagnostics.take('context');
  });

  test('waits for the handlers on another CPU', () => {
    const { smp, genirq, irq, data } = edge();
    let waited = 0;
    data.common.state |= IRQD.IRQ_INPROGRESS;
    smp.cpus.attach({ deliver: () => undefined, relax: () => { if (++waited === 3) data.common.state &= ~IRQD.IRQ_INPROGRESS; return true; } });
    synchronizeIrq(genirq, irq);
    expect(waited).toBe(3);
  });

  test('a chip that refuses to tell has nothing on its way', () => {
    const { genirq, irq } = makeBench({ chip: { irqGetIrqchipState: (data) => { throw new IrqError('EINVAL', `irq ${data.irq}: no such state`); } } });
    expect(() => synchronizeIrq(genirq, irq)).not.toThrow();
  });

  test('waits until the chip says that it is not active', () => {
    let active = 2;
    const { smp, genirq, irq } = makeBench({ chip: { irqGetIrqchipState: (_data, which) => which === 'ACTIVE' && active-- > 0 } });
    smp.cpus.attach({ deliver: () => undefined, relax: () => true });
    expect(synchronizeHardirq(genirq, irq)).toBe(true);
    expect(active).toBe(2);
    synchronizeIrq(genirq, irq);
    expect(active).toBe(-1);
  });

  test('runs the threads it waits for; the hard variant only says that one is active', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { genirq, irq, desc } = bench;
    let ran = 0;
    requestThreadedIrq(genirq, irq, () => IRQ_WAKE_THREAD, () => { ran++; return IRQ_HANDLED; }, 0, 'x', null);
    arrive(bench);
    expect([desc.threadsActive, synchronizeHardirq(genirq, irq), disableHardirq(genirq, irq)]).toEqual([1, false, false]);
    synchronizeIrq(genirq, irq);
    expect([ran, desc.threadsActive, runIrqThreads(genirq)]).toEqual([1, 0, 0]);
  });

  test('a handler that waits for itself is EDEADLK and a context finding', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    requestIrq(bench.genirq, bench.irq, () => { disableIrq(bench.genirq, bench.irq); return IRQ_HANDLED; }, 0, 'x');
    expect(codeOf(() => arrive(bench))).toBe('EDEADLK');
    expect(findings(bench.smp, 'context').length).toBeGreaterThan(0);
  });

  test('a thread that waits for itself is EDEADLK', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    requestThreadedIrq(bench.genirq, bench.irq, () => IRQ_WAKE_THREAD, () => { synchronizeIrq(bench.genirq, bench.irq); return IRQ_HANDLED; }, 0, 'x', null);
    arrive(bench);
    expect(codeOf(() => runIrqThreads(bench.genirq))).toBe('EDEADLK');
  });

  test('in hard irq is a context finding', () => {
    const { smp, genirq, irq } = edge();
    trap(smp, () => synchronizeIrq(genirq, irq));
    expect(findings(smp, 'context')).toHaveLength(1);
    trap(smp, () => disableIrq(genirq, irq));
    expect(findings(smp, 'context')).toEqual([expect.stringContaining('disableIrq(0) may sleep'), expect.stringContaining('synchronizeIrq(0) may sleep')]);
  });

});
