import { IrqError, PerCpu } from '@irqchip/smp';
import {
  chainedIrqEnter, chainedIrqExit, dummyIrqChip, flowSymbol, freeIrq, genericHandleIrq, genericHandleIrqSafe, getHandlerData, handleBadIrq, handleEdgeIrq, handleFasteoiAckIrq, handleFasteoiIrq, handleFasteoiMaskIrq, handleLevelIrq,
  handlePercpuDevidIrq, handleSimpleIrq, IRQ, IRQD, irqdSetTriggerType, IRQ_TYPE, irqDescIsChained, makeIrqData, noIrqChip, requestIrq, setChainedHandler, setChainedHandlerAndData, setChip, setChipAndHandler,
  setChipAndHandlerName, setChipHandlerNameLocked, setHandler, setHandlerLocked, setPercpuDevid, setStatusFlags, type IrqDesc, type IrqFlowHandler, requestPercpuIrq,
} from '../src/index.ts';
import { arrive, codeOf, findings, handled, logTexts, makeBench, notingChip, taken, trap } from './fixture.ts';

const demux: IrqFlowHandler = function acmeDemuxIrq() {};

describe('setHandler', () => {
  test('sets flow and name, and leaves an action alone', () => {
    const { genirq, irq, desc } = makeBench({ flow: handleSimpleIrq });
    requestIrq(genirq, irq, handled, 0, 'x');
    const { action } = desc;
    setHandler(genirq, irq, demux, false, 'edge');
    expect([desc.handleIrq, desc.name, desc.action]).toEqual([demux, 'edge', action]);
  });

  test('without a chip at any level it warns and changes nothing; a parent with a chip will do', () => {
    const { smp, genirq, irq, desc, data } = makeBench();
    setChip(genirq, irq, null);
    setHandler(genirq, irq, handleSimpleIrq);
    expect([findings(smp), desc.handleIrq]).toEqual([[expect.stringContaining('has no chip')], handleBadIrq]);
    data.parentData = makeIrqData(irq, dummyIrqChip, desc.common, null);
    setHandler(genirq, irq, handleSimpleIrq);
    expect([findings(smp), desc.handleIrq]).toEqual([[], handleSimpleIrq]);
  });

  test('no descriptor is EINVAL', () => {
    const { genirq } = makeBench();
    expect(codeOf(() => setHandler(genirq, 9, demux))).toBe('EINVAL');
    expect(codeOf(() => setChainedHandler(genirq, 9, demux))).toBe('EINVAL');
    expect(codeOf(() => setChainedHandlerAndData(genirq, 9, demux, 1))).toBe('EINVAL');
    expect(codeOf(() => setChipAndHandler(genirq, 9, dummyIrqChip, demux))).toBe('EINVAL');
  });

  test('the bus lock is held around it, and released when the chip is refused', () => {
    const { genirq, irq, calls } = makeBench({ callbacks: ['irqBusLock', 'irqBusSyncUnlock'] });
    expect(codeOf(() => setHandler(genirq, irq, handleEdgeIrq))).toBe('EINVAL');
    expect(calls).toEqual(['irqBusLock', 'irqBusSyncUnlock']);
  });
});

describe('setChainedHandler', () => {
  test('starts the interrupt at once, NOAUTOEN or not, and closes it to requests', () => {
    const { genirq, irq, desc, calls } = makeBench({ callbacks: ['irqMask', 'irqUnmask'] });
    setStatusFlags(genirq, irq, IRQ.NOAUTOEN);
    setChainedHandlerAndData(genirq, irq, demux, 'data');
    expect(taken(calls)).toEqual(['irqUnmask']);
    expect([desc.depth, desc.common.state & (IRQD.ACTIVATED | IRQD.IRQ_STARTED | IRQD.IRQ_DISABLED)]).toEqual([0, IRQD.ACTIVATED | IRQD.IRQ_STARTED]);
    expect(desc.settings).toBe(IRQ.NOPROBE | IRQ.NOREQUEST | IRQ.NOTHREAD | IRQ.NOAUTOEN);
    expect([irqDescIsChained(desc), getHandlerData(genirq, irq)]).toEqual([true, 'data']);
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('EINVAL');
  });

  test('is neither counted nor INPROGRESS', () => {
    const bench = makeBench({ callbacks: ['irqMask', 'irqUnmask'] });
    let state = 0;
    setChainedHandler(bench.genirq, bench.irq, (desc) => { state = desc.common.state; });
    arrive(bench);
    expect([state & IRQD.IRQ_INPROGRESS, state & IRQD.IRQ_STARTED, bench.desc.totCount]).toEqual([0, IRQD.IRQ_STARTED, 0]);
  });

  test('a per-CPU parent is unmasked on the installing CPU only, and not marked as enabled there', () => {
    const cpus: number[] = [];
    const bench = makeBench({ nrCpus: 4, chip: { irqUnmask: () => void cpus.push(bench.smp.cpus.current) } });
    setPercpuDevid(bench.genirq, bench.irq);
    bench.smp.cpus.runOn(2, () => setChainedHandler(bench.genirq, bench.irq, demux));
    expect([cpus, bench.desc.percpuEnabled!.toList()]).toEqual([[2], '']);
  });

  test('programs the recorded type, and outlives a chip that sets a flow by type', () => {
    const { genirq, irq, data, desc, calls } = makeBench({ callbacks: ['irqUnmask'], chip: { irqSetType: (level) => { calls.push('type'); setHandlerLocked(level, handleSimpleIrq); return 0; } } });
    irqdSetTriggerType(data, IRQ_TYPE.LEVEL_HIGH);
    setChainedHandler(genirq, irq, demux);
    expect([calls, desc.handleIrq]).toEqual([['type', 'irqUnmask'], demux]);
  });

  test('a type that the chip refuses does not keep it from starting', () => {
    const { smp, genirq, irq, data, calls } = makeBench({ callbacks: ['irqUnmask'], chip: { irqSetType: function acmeSetType() { throw new IrqError('EINVAL', 'no'); } } });
    irqdSetTriggerType(data, IRQ_TYPE.LEVEL_HIGH);
    setChainedHandler(genirq, irq, demux);
    expect([calls, logTexts(smp)]).toEqual([['irqUnmask'], ['genirq: Setting trigger mode 4 for irq 0 failed (acme_set_type)']]);
  });

  test('an activation that fails warns and leaves it off', () => {
    const { smp, genirq, irq, data, calls } = makeBench({ callbacks: ['irqUnmask'] });
    data.domain = { name: 'd', ops: { activate: () => { throw new IrqError('ENOSPC', 'full'); } } };
    setChainedHandler(genirq, irq, demux);
    expect([calls, findings(smp)]).toEqual([[], [expect.stringContaining('could not be activated (-28)')]]);
  });

  test('needs a chip at the outermost level: a parent will not do', () => {
    const { smp, genirq, irq, desc, data } = makeBench();
    setChip(genirq, irq, null);
    data.parentData = makeIrqData(irq, dummyIrqChip, desc.common, null);
    setChainedHandler(genirq, irq, demux);
    expect([findings(smp), desc.handleIrq, desc.action]).toEqual([[expect.stringContaining('its chained handler was not set')], handleBadIrq, null]);
  });

  test('null takes it off again: masked, disabled, no action, depth 1', () => {
    const { genirq, irq, desc, calls } = makeBench({ callbacks: ['irqMask', 'irqUnmask', 'irqAck'] });
    setChainedHandler(genirq, irq, demux);
    taken(calls);
    setChainedHandler(genirq, irq, null);
    expect([calls, desc.handleIrq, desc.action, desc.depth]).toEqual([['irqMask', 'irqAck'], handleBadIrq, null, 1]);
    expect(desc.common.state & (IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED)).toBe(IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED);
  });

  test('its action warns when it is ever called, and is not freed', () => {
    const { smp, genirq, irq, desc } = makeBench({ callbacks: ['irqUnmask'] });
    setChainedHandler(genirq, irq, demux);
    desc.action!.handler(irq, null as never);
    expect(freeIrq(genirq, irq)).toBeNull();
    expect(findings(smp)).toEqual(['Chained irq 0 should not call an action', 'Trying to free already-free IRQ 0']);
    expect(irqDescIsChained(desc)).toBe(true);
  });
});

describe('chainedIrqEnter and chainedIrqExit', () => {
  const around = (callbacks: Parameters<typeof notingChip>[1]): string[] => {
    const { smp, desc, data, calls } = makeBench({ callbacks });
    const before = data.common.state;
    trap(smp, () => {
      chainedIrqEnter(data.chip, desc);
      calls.push('demux');
      chainedIrqExit(data.chip, desc);
    });
    expect(data.common.state).toBe(before);
    return calls;
  };

  test('with irqEoi: nothing before, completion after', () => expect(around(['irqEoi', 'irqMask', 'irqUnmask', 'irqAck'])).toEqual(['demux', 'irqEoi']));
  test('with irqMaskAck', () => expect(around(['irqMaskAck', 'irqMask', 'irqUnmask', 'irqAck'])).toEqual(['irqMaskAck', 'demux', 'irqUnmask']));
  test('with mask and ack', () => expect(around(['irqMask', 'irqUnmask', 'irqAck'])).toEqual(['irqMask', 'irqAck', 'demux', 'irqUnmask']));
  test('with mask only', () => expect(around(['irqMask', 'irqUnmask'])).toEqual(['irqMask', 'demux', 'irqUnmask']));
  test('with nothing', () => expect(around([])).toEqual(['demux']));
});

describe('a chip that lacks what its flow calls', () => {
  const mux8 = notingChip([], ['irqAck', 'irqMask', 'irqUnmask'], { name: 'mux8' });

  test('is refused with the cure', () => {
    const { genirq, irq, desc } = makeBench();
    const before = desc.irqData.chip;
    expect(() => setChipAndHandler(genirq, irq, mux8, handleFasteoiIrq)).toThrow('handleFasteoiIrq needs irqEoi: add it to mux8, or use handleEdgeIrq if its lines are edges.');
    expect([desc.irqData.chip, desc.handleIrq]).toEqual([before, handleBadIrq]);
  });

  test.each<[string, IrqFlowHandler, Parameters<typeof notingChip>[1], string]>([
    ['edge without ack', handleEdgeIrq, ['irqEoi', 'irqMask'], 'handleEdgeIrq needs irqAck: add it to plic, or use handleFasteoiIrq if an end of interrupt is all that its hardware wants.'],
    ['edge without ack, as levels have it', handleEdgeIrq, ['irqMask', 'irqUnmask'], 'handleEdgeIrq needs irqAck: add it to plic, or use handleLevelIrq if its lines are levels.'],
    ['level without mask', handleLevelIrq, ['irqUnmask'], 'handleLevelIrq needs irqMask or irqMaskAck: add it to plic.'],
    ['level without unmask', handleLevelIrq, ['irqMaskAck'], 'handleLevelIrq needs irqUnmask: add it to plic.'],
    ['fasteoi_ack without ack', handleFasteoiAckIrq, ['irqEoi'], 'handleFasteoiAckIrq needs irqAck: add it to plic, or use handleFasteoiIrq if an end of interrupt is all that its hardware wants.'],
    ['fasteoi_mask without mask', handleFasteoiMaskIrq, ['irqEoi'], 'handleFasteoiMaskIrq needs irqMask or irqMaskAck: add it to plic, or use handleFasteoiIrq if an end of interrupt is all that its hardware wants.'],
    ['nothing at all', handleEdgeIrq, [], 'handleEdgeIrq needs irqAck: add it to plic, or use handleSimpleIrq if its hardware need not be told anything.'],
  ])('%s', (_name, flow, callbacks, message) => {
    const { genirq, irq } = makeBench({ callbacks, chip: { name: 'plic' } });
    expect(() => setHandler(genirq, irq, flow)).toThrow(message);
    expect(codeOf(() => setHandler(genirq, irq, flow))).toBe('EINVAL');
  });

  test('is found at the request when the chip came after the flow', () => {
    const { genirq, irq, desc } = makeBench({ callbacks: ['irqEoi'], flow: handleFasteoiIrq });
    setChip(genirq, irq, mux8);
    expect(codeOf(() => requestIrq(genirq, irq, handled, 0, 'x'))).toBe('EINVAL');
    expect(desc.action).toBeNull();
  });

  test('the chips of the core, simple and per-CPU flows are exempt', () => {
    const { genirq, irq, data, desc } = makeBench();
    for (const flow of [handleSimpleIrq, handlePercpuDevidIrq, demux]) expect(() => setHandler(genirq, irq, flow)).not.toThrow();
    expect(() => setChipAndHandler(genirq, irq, dummyIrqChip, handleFasteoiIrq)).not.toThrow();
    data.parentData = makeIrqData(irq, mux8, desc.common, null);
    setChip(genirq, irq, noIrqChip);
    expect(() => setHandler(genirq, irq, handleFasteoiIrq)).not.toThrow();
  });

  test('is refused inside irqSetType too', () => {
    const { data, desc } = makeBench();
    expect(codeOf(() => setHandlerLocked(data, handleEdgeIrq))).toBe('EINVAL');
    expect(codeOf(() => setChipHandlerNameLocked(data, mux8, handleFasteoiIrq, null))).toBe('EINVAL');
    setHandlerLocked(data, handleSimpleIrq);
    expect(desc.handleIrq).toBe(handleSimpleIrq);
    setChipHandlerNameLocked(data, mux8, handleEdgeIrq, 'edge');
    expect([data.chip, desc.handleIrq, desc.name]).toEqual([mux8, handleEdgeIrq, 'edge']);
  });

  test('a name goes with chip and flow', () => {
    const { genirq, irq, desc } = makeBench();
    setChipAndHandlerName(genirq, irq, mux8, handleEdgeIrq, 'edge');
    expect([desc.irqData.chip, desc.handleIrq, desc.name]).toEqual([mux8, handleEdgeIrq, 'edge']);
  });
});

test.each<[string, { name: string }]>([
  ['handle_percpu_devid_irq', handlePercpuDevidIrq],
  ['handle_bad_irq', handleBadIrq],
  ['acme_demux_irq', demux],
  ['imsic_handle_irq', (function imsicHandleIrq() {} as IrqFlowHandler).bind(null)],
  ['(anonymous)', (() => () => undefined)()],
])('%%ps prints %s', (text, fn) => expect(flowSymbol(fn)).toBe(text));

describe('entry points', () => {
  const entry = (options = {}) => {
    const bench = makeBench({ flow: handleSimpleIrq, ...options });
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { runs++; return 1; }, 0, 'x');
    return { ...bench, runs: () => runs };
  };

  test('in hard irq: 0 when the flow ran, whatever came of it', () => {
    const { smp, genirq, irq, runs, desc } = entry();
    expect(trap(smp, () => genericHandleIrq(genirq, irq))).toBe(0);
    desc.handleIrq = handleBadIrq;
    expect(trap(smp, () => genericHandleIrq(genirq, irq))).toBe(0);
    expect([runs(), findings(smp)]).toEqual([1, []]);
  });

  test('no descriptor is -EINVAL', () => expect(trap(makeBench().smp, () => genericHandleIrq(makeBench().genirq, 9))).toBe(-22));

  test('outside hard irq it runs, and is a context finding', () => {
    const { smp, genirq, irq, runs } = entry();
    const flags = smp.cpus.localIrqSave();
    expect(genericHandleIrq(genirq, irq)).toBe(0);
    smp.cpus.localIrqRestore(flags);
    expect([runs(), findings(smp, 'context')]).toEqual([1, [expect.stringContaining('outside hard irq context on CPU0')]]);
  });

  test('the safe one switches interrupts off itself, anywhere, and is no finding', () => {
    const { smp, genirq, irq, desc, data } = makeBench();
    const seen: boolean[] = [];
    expect(genericHandleIrqSafe(genirq, 9)).toBe(-22);
    desc.handleIrq = () => { seen.push(smp.cpus.irqsDisabled()); };
    expect([genericHandleIrqSafe(genirq, irq), smp.cpus.irqsDisabled()]).toEqual([0, false]);
    expect([trap(smp, () => genericHandleIrqSafe(genirq, irq)), seen]).toEqual([0, [true, true]]);
    data.common.state |= IRQD.HANDLE_ENFORCE_IRQCTX;
    expect([genericHandleIrqSafe(genirq, irq), seen.length, findings(smp).length, smp.cpus.irqsDisabled()]).toEqual([-1, 2, 1, false]);
  });

  test('with HANDLE_ENFORCE_IRQCTX it is -EPERM there, with one warning, and does not run', () => {
    const { smp, genirq, irq, data, runs } = entry();
    data.common.state |= IRQD.HANDLE_ENFORCE_IRQCTX;
    expect([genericHandleIrq(genirq, irq), genericHandleIrq(genirq, irq), runs()]).toEqual([-1, -1, 0]);
    expect(findings(smp)).toHaveLength(1);
    expect(trap(smp, () => genericHandleIrq(genirq, irq))).toBe(0);
  });
});

test('a parent handler hands on to its children', () => {
  const { smp, genirq, irq } = makeBench({ callbacks: ['irqMask', 'irqUnmask'], flow: handlePercpuDevidIrq });
  setPercpuDevid(genirq, irq);
  const seen: string[] = [];
  requestPercpuIrq(genirq, irq, (n, id: string) => { seen.push(`${n} ${id}`); return 1; }, 'child', new PerCpu((cpu) => `cpu${cpu}`));
  const parent = makeBench({ callbacks: ['irqEoi'] });
  setChainedHandler(parent.genirq, parent.irq, (desc: IrqDesc) => {
    chainedIrqEnter(desc.irqData.chip, desc);
    genericHandleIrq(genirq, irq);
    chainedIrqExit(desc.irqData.chip, desc);
  });
  trap(smp, () => trap(parent.smp, () => genericHandleIrq(parent.genirq, parent.irq)), 1);
  expect([seen, parent.calls]).toEqual([['0 cpu1'], ['irqEoi']]);
});
