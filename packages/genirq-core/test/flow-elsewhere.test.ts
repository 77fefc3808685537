import {
  dataUpdateEffectiveAffinity, handleEdgeIrq, handleFasteoiAckIrq, handleFasteoiIrq, handleFasteoiMaskIrq, handleLevelIrq, handleSimpleIrq, handleUntrackedIrq, IRQD, IRQF, irqdSetSingleTarget, IRQS, requestThreadedIrq,
  requestIrq, IRQ_WAKE_THREAD, runIrqThreads, type IrqFlowHandler,
} from '../src/index.ts';
import { CpuMask } from '@irqchip/smp';
import { arrive, handled, makeBench, taken, type Bench } from './fixture.ts';

const callbacks = ['irqAck', 'irqMask', 'irqUnmask', 'irqEoi'] as const;

/** An interrupt that was moved to CPU 1 while its handler still runs on CPU 0. */
function moved(flow: IrqFlowHandler): Bench & { runs: number[]; rounds: { count: number } } {
  const bench = makeBench({ linux: '7.2', flow, callbacks });
  const runs: number[] = [];
  requestIrq(bench.genirq, bench.irq, () => { runs.push(bench.smp.cpus.current); return 1; }, 0, 'x');
  irqdSetSingleTarget(bench.data);
  dataUpdateEffectiveAffinity(bench.data, new CpuMask(2, [1]));
  bench.desc.common.state |= IRQD.IRQ_INPROGRESS;
  bench.desc.runningOn = 0;
  const rounds = { count: 0 };
  bench.smp.cpus.attach({ deliver: () => undefined, relax: () => { rounds.count++; bench.desc.common.state &= ~IRQD.IRQ_INPROGRESS; return true; } });
  taken(bench.calls);
  return Object.assign(bench, { runs, rounds });
}

test.each([handleLevelIrq, handleSimpleIrq, handleUntrackedIrq, handleFasteoiIrq, handleFasteoiAckIrq, handleFasteoiMaskIrq])(
  'only an edge waits for the CPU that it was moved away from: %p does not', (flow) => {
    const bench = moved(flow);
    arrive(bench, 1);
    expect([bench.rounds.count, bench.runs]).toEqual([0, []]);
  });

test('an edge waits for the CPU that it was moved away from, and is handled where it is now', () => {
  const bench = moved(handleEdgeIrq);
  arrive(bench, 1);
  expect([bench.rounds.count, bench.runs]).toEqual([1, [1]]);
});

test('an edge on a CPU that it was not moved to does not wait', () => {
  const bench = moved(handleEdgeIrq);
  dataUpdateEffectiveAffinity(bench.data, new CpuMask(2, [0]));
  arrive(bench, 1);
  expect([bench.rounds.count, bench.runs, bench.desc.istate & IRQS.PENDING]).toEqual([0, [], IRQS.PENDING]);
});

test.each([
  ['its handler was freed', (bench: Bench) => { bench.desc.action = null; }],
  ['it was disabled', (bench: Bench) => { bench.desc.common.state |= IRQD.IRQ_DISABLED; }],
])('an edge that waited is not handled if meanwhile %s', (_what, change) => {
  const bench = moved(handleEdgeIrq);
  bench.smp.cpus.attach({ deliver: () => undefined, relax: () => { change(bench); bench.desc.common.state &= ~IRQD.IRQ_INPROGRESS; return true; } });
  arrive(bench, 1);
  expect(bench.runs).toEqual([]);
});

test.each([handleFasteoiIrq, handleFasteoiAckIrq, handleFasteoiMaskIrq])('%p: a oneshot interrupt stays masked until its thread has run, any other is never masked by handling', (flow) => {
  const bench = makeBench({ flow, callbacks });
  requestThreadedIrq(bench.genirq, bench.irq, () => IRQ_WAKE_THREAD, handled, IRQF.ONESHOT, 'x', null);
  taken(bench.calls);
  arrive(bench);
  expect([bench.calls.includes('irqMask'), (bench.desc.common.state & IRQD.IRQ_MASKED) !== 0]).toEqual([true, true]);
  runIrqThreads(bench.genirq);
  expect(bench.desc.common.state & IRQD.IRQ_MASKED).toBe(0);
});

test('an interrupt that is polled waits for the poll, and is handled after it', () => {
  for (const flow of [handleLevelIrq, handleSimpleIrq, handleFasteoiIrq]) {
    const bench = moved(flow);
    bench.desc.istate |= IRQS.POLL_INPROGRESS;
    arrive(bench, 1);
    expect([bench.rounds.count, bench.runs]).toEqual([1, [1]]);
    bench.desc.istate &= ~IRQS.POLL_INPROGRESS;
  }
});

test('a fasteoi interrupt is replayed only if one came while it was handled', () => {
  const bench = makeBench({ flow: handleFasteoiIrq, callbacks: [...callbacks, 'irqRetrigger'] });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  taken(bench.calls);
  arrive(bench);
  expect(bench.calls).toEqual(['irqEoi']);
});

test('a simple flow ends what was pending, and handles once', () => {
  const bench = makeBench({ flow: handleUntrackedIrq });
  let runs = 0;
  requestIrq(bench.genirq, bench.irq, () => { runs++; return 1; }, 0, 'x');
  bench.desc.istate |= IRQS.PENDING | IRQS.ONESHOT;
  arrive(bench);
  expect([runs, bench.desc.istate & IRQS.PENDING, bench.desc.istate & IRQS.ONESHOT]).toEqual([1, 0, IRQS.ONESHOT]);
});
