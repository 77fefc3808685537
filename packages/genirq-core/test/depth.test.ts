import fc from 'fast-check';
import {
  enableIrq, freeDesc, freeIrq, handleLevelIrq, handleSimpleIrq, IRQ, IRQ_HANDLED, IRQ_NONE, IRQ_TYPE, IRQ_WAKE_THREAD, IRQCHIP, IRQF, requestIrq, requestThreadedIrq, runIrqThreads, runPendingResend,
} from '../src/index.ts';
import { Pair, type Op } from './depth-bench.ts';
import type { Act, Behaviour, ChipShape, Flow } from './depth-line.ts';
import { arrive, findings, handled, logTexts, makeBench, taken } from './fixture.ts';

/** A constant, so that every run is the same; IRQCHIP_SEED=… looks elsewhere. */
const seed = Number(process.env['IRQCHIP_SEED'] ?? 182026);

/** What a flow cannot do without, and what a chip may have besides. */
const NEEDED: Readonly<Record<Flow, readonly string[]>> = { simple: [], level: ['irqMask', 'irqUnmask'], edge: ['irqAck'], fasteoi: ['irqEoi'] };
const OPTIONAL = [
  'irqMask', 'irqUnmask', 'irqMask', 'irqUnmask', 'irqAck', 'irqMaskAck', 'irqEoi', 'irqStartup', 'irqShutdown', 'irqEnable', 'irqDisable', 'irqRetrigger', 'irqSetType', 'irqBusLock', 'irqRequestResources',
  'irqReleaseResources', 'irqGetIrqchipState',
] as const;
const FLAGS = [0, 0, 0, IRQCHIP.ONESHOT_SAFE, IRQCHIP.EOI_IF_HANDLED, IRQCHIP.EOI_THREADED, IRQCHIP.SET_TYPE_MASKED] as const;
const FAILING = ['irqStartup', 'irqSetType', 'irqRequestResources', 'activate'] as const;

function chips(flow: Flow): fc.Arbitrary<ChipShape> {
  return fc.record({ optional: fc.subarray([...OPTIONAL]), flags: fc.constantFrom(...FLAGS), resendWhenInProgress: fc.boolean() }).map(({ optional, flags, resendWhenInProgress }) => {
    const has = new Set<string>([...NEEDED[flow], ...optional]);
    if (has.has('irqBusLock')) has.add('irqBusSyncUnlock');
    return { has, flags: has.has('irqEoi') ? flags : flags & ~IRQCHIP.EOI_THREADED, resendWhenInProgress };
  });
}

/** A slow bus cannot be locked in a hard handler. */
function acts(slow: boolean): fc.Arbitrary<Act[]> {
  return fc.array(fc.constantFrom<Act>('arrive', 'arrive', ...(slow ? [] : ['disable', 'enable'] as const)), { maxLength: 2 });
}

const flagBits = fc.constantFrom(
  0, 0, IRQF.ONESHOT, IRQF.NO_AUTOEN, IRQF.SHARED, IRQF.SHARED, IRQF.SHARED, IRQF.SHARED | IRQF.ONESHOT, IRQF.SHARED | IRQF.ONESHOT, IRQF.SHARED | IRQF.COND_ONESHOT, IRQF.COND_ONESHOT, IRQF.SHARED | IRQF.NO_AUTOEN,
  IRQF.ONESHOT | IRQF.NO_AUTOEN, IRQF.NOBALANCING,
);
const trigger = fc.constantFrom(0, 0, 0, 0, IRQF.TRIGGER_RISING, IRQF.TRIGGER_HIGH);
const often = (weight: number): fc.Arbitrary<boolean> => fc.nat(weight).map((n) => n > 0);

function operations(slow: boolean): fc.Arbitrary<Op> {
  const behaviour: fc.Arbitrary<Behaviour> = fc.record({ returns: fc.constantFrom(IRQ_HANDLED, IRQ_HANDLED, IRQ_NONE, IRQ_WAKE_THREAD, IRQ_WAKE_THREAD), acts: acts(slow) });
  const common = {
    script: fc.array(behaviour, { maxLength: 4 }), fails: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...FAILING], { minLength: 1 }) }), retriggers: fc.boolean(),
  };
  const request = fc.record({ dev: fc.constantFrom('a', 'b', 'c', null), handler: often(3), thread: fc.boolean(), flags: fc.tuple(flagBits, trigger).map(([bits, type]) => bits | type) });
  const fault = fc.constantFrom(null, null, null, null, null, null, 'irqaction', 'irq_thread');
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('request' as const), request, fault, ...common }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('free' as const), dev: fc.constantFrom('a', 'a', 'b', 'c', null), ...common }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('disable' as const), how: fc.constantFrom('nosync' as const, 'sync' as const, 'hardirq' as const), ...common }) },
    { weight: 14, arbitrary: fc.record({ kind: fc.constantFrom('enable' as const, 'enable' as const, 'arrive' as const, 'arrive' as const, 'arrive' as const, 'threads' as const, 'resend' as const, 'inject' as const), ...common }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('type' as const), type: fc.constantFrom(IRQ_TYPE.EDGE_RISING, IRQ_TYPE.LEVEL_HIGH, IRQ_TYPE.EDGE_BOTH), ...common }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('modify' as const), clear: fc.constantFrom(0, IRQ.DISABLE_UNLAZY, IRQ.NOAUTOEN | IRQ.LEVEL), set: fc.constantFrom(0, IRQ.DISABLE_UNLAZY, IRQ.DISABLE_UNLAZY, IRQ.NOAUTOEN, IRQ.NOREQUEST), ...common }) },
  );
}

const FLOWS = ['simple', 'level', 'edge', 'fasteoi'] as const;
const RUNS = Number(process.env['IRQCHIP_RUNS'] ?? 1250);

// Warnings and refusals carry a stack, which Jest maps back to the source frame by frame: that would be most of the time.
const frames = Error.stackTraceLimit;
beforeAll(() => { Error.stackTraceLimit = 4; });
afterAll(() => { Error.stackTraceLimit = frames; });

describe.each(FLOWS)('%s flow', (flow) => {
  test.each([['6.12', 0], ['7.2', 1]] as const)('%s: requests, disables, arrivals, threads and replays are those of Linux, callback for callback', (linux, nth) => {
    const history = chips(flow).chain((shape) => fc.tuple(fc.constant(shape), fc.array(operations(shape.has.has('irqBusLock')), { minLength: 1, maxLength: 14, size: 'max' })));
    fc.assert(fc.property(history, ([shape, ops]) => {
      const pair = new Pair(shape, flow, linux);
      for (const op of ops) pair.run(op);
      pair.end();
    }), { numRuns: RUNS, seed: seed + 2 * FLOWS.indexOf(flow) + nth });
  }, 60_000);
});

describe('what the model found', () => {
  test('a oneshot thread unmasks under the bus lock, so that a slow bus is told of it', () => {
    const bench = makeBench({ flow: handleLevelIrq, callbacks: ['irqMask', 'irqUnmask', 'irqBusLock', 'irqBusSyncUnlock'] });
    requestThreadedIrq(bench.genirq, bench.irq, null, handled, IRQF.ONESHOT, 'expander', null);
    arrive(bench);
    taken(bench.calls);
    expect(runIrqThreads(bench.genirq)).toBe(1);
    expect(bench.calls).toEqual(['irqBusLock', 'irqUnmask', 'irqBusSyncUnlock']);
  });

  test('a descriptor that is freed while it waits for a replay is not replayed', () => {
    const bench = makeBench({ flow: handleSimpleIrq, callbacks: ['irqMask', 'irqUnmask'] });
    arrive(bench);
    enableIrq(bench.genirq, bench.irq);
    expect([bench.genirq.resends.pending, findings(bench.smp).length]).toEqual([true, 1]);
    freeDesc(bench.genirq, bench.irq);
    expect([bench.genirq.resends.pending, runPendingResend(bench.genirq)]).toEqual([false, 0]);
  });

  test('a handler without a thread to wake is told so once a request, whatever its name', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const text = 'IRQ 0 device sleepy returned IRQ_WAKE_THREAD but no thread function available.';
    for (let request = 1; request <= 2; request++) {
      requestIrq(bench.genirq, bench.irq, () => IRQ_WAKE_THREAD, 0, 'sleepy');
      for (let i = 0; i < 3; i++) arrive(bench);
      freeIrq(bench.genirq, bench.irq);
      expect(logTexts(bench.smp)).toEqual(Array.from({ length: request }, () => text));
    }
  });
});
