import { disableIrqNosync, enableIrq, handleFasteoiAckIrq, handleFasteoiIrq, handleFasteoiMaskIrq, handleFasteoiNmi, IRQ_HANDLED, IRQCHIP, IRQD, IRQF, IRQS, kstatIrqsCpu, requestIrq, requestThreadedIrq, runIrqThreads } from '../src/index.ts';
import { arrive, handled, makeBench, taken, type BenchOptions } from './fixture.ts';

const ALL: BenchOptions = { callbacks: ['irqMask', 'irqUnmask', 'irqAck', 'irqEoi'], flow: handleFasteoiIrq };

function requested(options: BenchOptions = ALL, handler?: () => void) {
  const bench = makeBench(options);
  requestIrq(bench.genirq, bench.irq, () => { bench.calls.push('handler'); handler?.(); return IRQ_HANDLED; }, 0, 'x');
  taken(bench.calls);
  return bench;
}

function oneshot(flags = 0) {
  const bench = makeBench({ ...ALL, chip: { flags } });
  requestThreadedIrq(bench.genirq, bench.irq, null, () => { bench.calls.push('thread'); return IRQ_HANDLED; }, IRQF.ONESHOT, 'x', null);
  taken(bench.calls);
  return bench;
}

describe('handleFasteoiIrq', () => {
  test('runs the handlers, then completes; no mask, no acknowledge', () => {
    const bench = requested();
    arrive(bench);
    expect(bench.calls).toEqual(['handler', 'irqEoi']);
    expect(bench.desc.totCount).toBe(1);
  });

  test('disabled: PENDING, masked, completed', () => {
    const bench = requested();
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    expect([taken(bench.calls), bench.desc.istate & IRQS.PENDING]).toEqual([['irqMask', 'irqEoi'], IRQS.PENDING]);
    enableIrq(bench.genirq, bench.irq);
    expect(bench.calls).toEqual(['irqUnmask']);
    expect(bench.genirq.resends.pending).toBe(true);
  });

  test('EOI_IF_HANDLED: what is not handled is not completed', () => {
    const bench = requested({ ...ALL, chip: { flags: IRQCHIP.EOI_IF_HANDLED } });
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask']);
  });

  test('an arrival during the handlers is completed and dropped', () => {
    let once = true;
    const bench = requested(ALL, () => { if (once) { once = false; arrive(bench, 1); } });
    arrive(bench);
    expect(bench.calls).toEqual(['handler', 'irqEoi', 'irqEoi']);
    expect([bench.desc.istate & IRQS.PENDING, bench.genirq.resends.pending]).toEqual([0, false]);
  });

  test('with RESEND_WHEN_IN_PROGRESS it is resent afterwards', () => {
    let once = true;
    const bench = requested({ ...ALL, callbacks: [...ALL.callbacks!, 'irqRetrigger'] }, () => { if (once) { once = false; arrive(bench, 1); } });
    bench.data.common.state |= IRQD.RESEND_WHEN_IN_PROGRESS;
    arrive(bench);
    expect(bench.calls).toEqual(['handler', 'irqEoi', 'irqEoi', 'irqRetrigger']);
  });

  test('oneshot: masked during the handlers, completed, unmasked after the thread', () => {
    const bench = oneshot();
    arrive(bench);
    expect(taken(bench.calls)).toEqual(['irqMask', 'irqEoi']);
    runIrqThreads(bench.genirq);
    expect(bench.calls).toEqual(['thread', 'irqUnmask']);
  });

  test('EOI_THREADED: the completion waits for the thread too', () => {
    const bench = oneshot(IRQCHIP.EOI_THREADED);
    arrive(bench);
    expect(taken(bench.calls)).toEqual(['irqMask']);
    runIrqThreads(bench.genirq);
    expect(bench.calls).toEqual(['thread', 'irqEoi', 'irqUnmask']);
  });

  test('oneshot and no thread woken: completed and unmasked at once', () => {
    const bench = makeBench(ALL);
    requestThreadedIrq(bench.genirq, bench.irq, handled, handled, IRQF.ONESHOT, 'x', null);
    taken(bench.calls);
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask', 'irqEoi', 'irqUnmask']);
  });
});

describe('the variants', () => {
  test('handleFasteoiAckIrq acknowledges before the handlers', () => {
    const bench = requested({ ...ALL, flow: handleFasteoiAckIrq });
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck', 'handler', 'irqEoi']);
    expect(bench.desc.totCount).toBe(1);
    taken(bench.calls);
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask', 'irqEoi']);
  });

  test('handleFasteoiMaskIrq masks first, and leaves the unmasking to enable', () => {
    const bench = requested({ ...ALL, flow: handleFasteoiMaskIrq });
    arrive(bench);
    expect(bench.calls).toEqual(['irqMask', 'irqAck', 'handler', 'irqEoi']);
    expect(bench.desc.totCount).toBe(1);
    taken(bench.calls);
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    expect(bench.calls).toEqual(['irqAck', 'irqEoi']);
  });

  test('handleFasteoiNmi takes no lock and runs one handler', () => {
    const bench = requested({ ...ALL, flow: handleFasteoiNmi });
    bench.desc.lock.lock();
    bench.desc.handleIrq(bench.desc);
    bench.desc.lock.unlock();
    expect(bench.calls).toEqual(['handler', 'irqEoi']);
    expect([kstatIrqsCpu(bench.genirq, bench.irq, 0), bench.desc.totCount]).toEqual([1, 0]);
  });
});
