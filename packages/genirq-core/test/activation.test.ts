import { CpuMask, IrqError } from '@irqchip/smp';
import {
  handleEdgeIrq, handleFasteoiNmi, handleLevelIrq, injectInterrupt, IRQD, irqDomainActivateIrq, irqStartupManaged, IRQS, requestIrq, setChainedHandler, type IrqTrace,
} from '../src/index.ts';
import { arrive, codeOf, findings, handled, makeBench, taken, type Bench, type BenchOptions } from './fixture.ts';

const NO_ROOM = new IrqError('ENOSPC', 'no vector left');

/** An interrupt of a domain that notes how it is activated. */
function activated(options: BenchOptions = {}, error: Error | null = null): Bench & { steps: unknown[] } {
  const bench = makeBench({ flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask', 'irqRetrigger', 'irqSetAffinity', 'irqAck'], ...options });
  const steps: unknown[] = [];
  bench.data.domain = {
    name: 'd',
    ops: { activate: (_d: never, _data, reserve) => { steps.push(reserve); if (error) throw error; }, deactivate: () => void steps.push('off') },
  };
  return Object.assign(bench, { steps });
}

function managed(bench: Bench): void {
  bench.desc.common.state |= IRQD.AFFINITY_MANAGED;
  bench.desc.common.affinity.copy(new CpuMask(2, [0]));
  // The chip of this bench takes any affinity and says so.
  bench.desc.common.effectiveAffinity.copy(new CpuMask(2, [0]));
}

test('an interrupt is activated for use, not reserved: by its request, by a chained handler, and when a managed one starts', () => {
  for (const prepare of [
    (bench: Bench) => requestIrq(bench.genirq, bench.irq, handled, 0, 'x'),
    (bench: Bench) => setChainedHandler(bench.genirq, bench.irq, () => undefined),
    (bench: Bench) => { managed(bench); requestIrq(bench.genirq, bench.irq, handled, 0, 'x'); },
  ]) {
    const bench = activated();
    prepare(bench);
    expect([bench.steps, (bench.desc.common.state & IRQD.ACTIVATED) !== 0]).toEqual([[false], true]);
  }
});

test('a managed interrupt that cannot be activated stays off, and is reported', () => {
  const bench = activated({}, NO_ROOM);
  managed(bench);
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  expect([bench.desc.depth, bench.desc.common.state & IRQD.IRQ_STARTED, taken(bench.calls)]).toEqual([1, 0, []]);
  expect(findings(bench.smp, 'warn')).toHaveLength(1);
});

test('an edge that came while a managed interrupt was off is replayed when a CPU of it comes, a disable of somebody else holds it off', () => {
  const bench = activated({ flow: handleEdgeIrq });
  managed(bench);
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  taken(bench.calls);
  for (const [depth, replayed] of [[2, []], [1, ['irqRetrigger']]] as const) {
    bench.desc.depth = depth;
    bench.desc.common.state |= IRQD.IRQ_DISABLED | IRQD.MANAGED_SHUTDOWN;
    bench.desc.istate = (bench.desc.istate | IRQS.PENDING) & ~IRQS.REPLAY;
    irqStartupManaged(bench.desc);
    expect([bench.desc.depth, bench.calls.filter((call) => call === 'irqRetrigger'), bench.desc.common.state & IRQD.MANAGED_SHUTDOWN]).toEqual([depth - 1, replayed, 0]);
  }
});

test('an exception of the chip\'s author is not taken for a chip that cannot inject', () => {
  const bench = activated({ flow: handleEdgeIrq, chip: { irqSetIrqchipState: () => { throw new TypeError('not yet written'); } } });
  requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
  expect(() => injectInterrupt(bench.genirq, bench.irq)).toThrow(TypeError);
});

test('a non-maskable interrupt is traced as any other', () => {
  const seen: string[] = [];
  const bench = makeBench({ flow: handleFasteoiNmi, callbacks: ['irqEoi', 'irqMask', 'irqUnmask'] });
  requestIrq(bench.genirq, bench.irq, () => { seen.push('handler'); return 1; }, 0, 'watchdog');
  const trace: IrqTrace = { handlerEntry: (irq, name) => void seen.push(`entry ${irq} ${name}`), handlerExit: (irq, ret) => void seen.push(`exit ${irq} ${ret}`) };
  bench.genirq.trace = trace;
  arrive(bench);
  expect(seen).toEqual([`entry ${bench.irq} watchdog`, 'handler', `exit ${bench.irq} 1`]);
});

test('what a level of the hierarchy throws when it is activated is what the request throws', () => {
  const bench = activated({}, NO_ROOM);
  expect(codeOf(() => requestIrq(bench.genirq, bench.irq, handled, 0, 'x'))).toBe('ENOSPC');
  expect(codeOf(() => irqDomainActivateIrq(bench.data, false))).toBe('ENOSPC');
  expect(bench.desc.action).toBeNull();
});
