import {
  allocDesc, checkIrqResend, disableIrqNosync, enableIrq, freeIrq, getIrqchipState, handleEdgeIrq, handleSimpleIrq, injectInterrupt, IRQ, IRQ_HANDLED, IRQD, IRQF, IRQS, makeIrqData, requestIrq, runPendingResend,
  setChipAndHandler, setIrqchipState, setNestedThread, setParent, setStatusFlags, dummyIrqChip, irqChipRetriggerHierarchy,
} from '../src/index.ts';
import { arrive, codeOf, handled, makeBench, notingChip, taken, trap } from './fixture.ts';

describe('checkIrqResend', () => {
  test('a level interrupt: PENDING is dropped, -EINVAL', () => {
    const { genirq, irq, desc } = makeBench();
    setStatusFlags(genirq, irq, IRQ.LEVEL);
    desc.istate |= IRQS.PENDING;
    expect([checkIrqResend(desc, true), desc.istate & IRQS.PENDING]).toEqual([-22, 0]);
  });

  test('during a replay: -EBUSY', () => {
    const { desc } = makeBench();
    desc.istate |= IRQS.REPLAY | IRQS.PENDING;
    expect([checkIrqResend(desc, false), desc.istate & IRQS.PENDING]).toEqual([-16, IRQS.PENDING]);
  });

  test('not PENDING: nothing, unless it is injected', () => {
    const { genirq, desc } = makeBench();
    expect([checkIrqResend(desc, false), genirq.resends.pending, desc.istate & IRQS.REPLAY]).toEqual([0, false, 0]);
    expect([checkIrqResend(desc, true), genirq.resends.pending, desc.istate & IRQS.REPLAY]).toEqual([0, true, IRQS.REPLAY]);
  });

  test('hardware first: its own chip, then parents, then software', () => {
    const own = makeBench({ callbacks: ['irqRetrigger'] });
    expect([checkIrqResend(own.desc, true), own.calls, own.genirq.resends.pending]).toEqual([0, ['irqRetrigger'], false]);
    const child = makeBench();
    child.data.parentData = makeIrqData(0, notingChip(child.calls, []), child.desc.common, null);
    child.data.parentData.parentData = makeIrqData(0, notingChip(child.calls, ['irqRetrigger']), child.desc.common, null);
    expect([checkIrqResend(child.desc, true), child.calls, child.genirq.resends.pending]).toEqual([0, ['irqRetrigger'], false]);
    const fails = makeBench({ chip: { irqRetrigger: () => false } });
    expect([checkIrqResend(fails.desc, true), fails.genirq.resends.pending]).toEqual([0, true]);
  });

  test('irqChipRetriggerHierarchy starts at the parent', () => {
    const child = makeBench({ chip: { irqRetrigger: irqChipRetriggerHierarchy } });
    expect([checkIrqResend(child.desc, true), child.genirq.resends.pending]).toEqual([0, true]);
    child.genirq.resends.remove(child.desc);
    child.desc.istate &= ~IRQS.REPLAY;
    child.data.parentData = makeIrqData(0, notingChip(child.calls, ['irqRetrigger']), child.desc.common, null);
    expect([checkIrqResend(child.desc, true), child.calls, child.genirq.resends.pending]).toEqual([0, ['irqRetrigger'], false]);
  });

  test('an interrupt that insists on hard irq is not resent by software', () => {
    const { genirq, desc, data } = makeBench();
    data.common.state |= IRQD.HANDLE_ENFORCE_IRQCTX;
    expect([checkIrqResend(desc, true), genirq.resends.pending, desc.istate & IRQS.REPLAY]).toEqual([-22, false, 0]);
  });

  test('a nested one resends its parent, and without one -EINVAL', () => {
    const { genirq, irq, desc } = makeBench();
    setNestedThread(genirq, irq, true);
    expect(checkIrqResend(desc, true)).toBe(-22);
    const parent = allocDesc(genirq, 0);
    let parentRuns = 0;
    setChipAndHandler(genirq, parent, dummyIrqChip, () => { parentRuns++; });
    setParent(genirq, irq, parent);
    expect(checkIrqResend(desc, true)).toBe(0);
    expect([runPendingResend(genirq), parentRuns]).toEqual([1, 1]);
    setParent(genirq, irq, 77);
    desc.istate &= ~IRQS.REPLAY;
    expect(checkIrqResend(desc, true)).toBe(-22);
  });
});

describe('the resend tasklet', () => {
  test('runs flows newest first, each once, outside hard irq, with interrupts off, on the CPU that asked', () => {
    const { smp, genirq } = makeBench();
    const seen: unknown[] = [];
    const descs = [0, 1, 2].map(() => {
      const irq = allocDesc(genirq, 0);
      setChipAndHandler(genirq, irq, dummyIrqChip, () => { seen.push(irq, smp.cpus.current, smp.cpus.inHardirq(), smp.cpus.irqsDisabled()); });
      return genirq.irqToDesc(irq)!;
    });
    trap(smp, () => {
      for (const desc of [...descs, descs[0]!]) genirq.resends.add(desc);
      expect(runPendingResend(genirq)).toBe(0);
    }, 1);
    expect(runPendingResend(genirq)).toBe(3);
    expect(seen).toEqual([3, 1, false, true, 2, 1, false, true, 1, 1, false, true]);
    expect([runPendingResend(genirq), smp.cpus.irqsDisabledOn(1)]).toEqual([0, false]);
  });

  test('does not run what was freed meanwhile', () => {
    const bench = makeBench({ flow: handleEdgeIrq, callbacks: ['irqAck', 'irqMask', 'irqUnmask'] });
    let runs = 0;
    requestIrq(bench.genirq, bench.irq, () => { runs++; return IRQ_HANDLED; }, 0, 'x');
    disableIrqNosync(bench.genirq, bench.irq);
    arrive(bench);
    enableIrq(bench.genirq, bench.irq);
    freeIrq(bench.genirq, bench.irq);
    expect([runPendingResend(bench.genirq), runs]).toEqual([0, 0]);
  });
});

describe('injectInterrupt', () => {
  test('in its own handler, every time: a storm, and not an endless loop', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { genirq, irq } = bench;
    requestIrq(genirq, irq, () => { injectInterrupt(genirq, irq); return IRQ_HANDLED; }, 0, 'x', 'dev');
    injectInterrupt(genirq, irq);
    expect(() => runPendingResend(genirq)).toThrow(expect.objectContaining({ code: 'EDEADLK', message: `irq ${irq} was sent again 100000 times in a row: does its handler inject it?` }));
  });

  test('sets PENDING in the chip that can', () => {
    const seen: unknown[] = [];
    const { genirq, irq } = makeBench({ chip: { irqSetIrqchipState: (_data, which, on) => void seen.push(which, on) } });
    injectInterrupt(genirq, irq);
    expect(seen).toEqual(['PENDING', true]);
  });

  test('else replays, once until that has run', () => {
    const bench = makeBench({ flow: handleSimpleIrq });
    const { genirq, irq } = bench;
    let runs = 0;
    requestIrq(genirq, irq, () => { runs++; return IRQ_HANDLED; }, 0, 'x');
    injectInterrupt(genirq, irq);
    expect(codeOf(() => injectInterrupt(genirq, irq))).toBe('EBUSY');
    expect([runPendingResend(genirq), runs]).toEqual([1, 1]);
    injectInterrupt(genirq, irq);
    expect([runPendingResend(genirq), runs]).toEqual([1, 2]);
  });

  test('EINVAL: no descriptor, not activated, an NMI, of level type', () => {
    const { genirq, irq, desc } = makeBench({ flow: handleSimpleIrq, chip: { irqSetType: () => 0 } });
    expect(codeOf(() => injectInterrupt(genirq, 9))).toBe('EINVAL');
    expect(codeOf(() => injectInterrupt(genirq, irq))).toBe('EINVAL');
    requestIrq(genirq, irq, handled, IRQF.TRIGGER_HIGH, 'x');
    expect(codeOf(() => injectInterrupt(genirq, irq))).toBe('EINVAL');
    desc.settings &= ~IRQ.LEVEL;
    desc.istate |= IRQS.NMI;
    expect(codeOf(() => injectInterrupt(genirq, irq))).toBe('EINVAL');
    desc.istate &= ~IRQS.NMI;
    expect(codeOf(() => injectInterrupt(genirq, irq))).toBeUndefined();
  });
});

describe('irqchip state', () => {
  test('asks the first level of the hierarchy that has the callback', () => {
    const bench = makeBench({ callbacks: ['irqBusLock', 'irqBusSyncUnlock'] });
    const { genirq, irq, desc, data, calls } = bench;
    expect(codeOf(() => getIrqchipState(genirq, irq, 'ACTIVE'))).toBe('EINVAL');
    expect(codeOf(() => setIrqchipState(genirq, irq, 'MASKED', true))).toBe('EINVAL');
    taken(calls);
    data.parentData = makeIrqData(irq, notingChip(calls, ['irqSetIrqchipState'], { irqGetIrqchipState: (level) => level === data.parentData }), desc.common, null);
    expect(getIrqchipState(genirq, irq, 'LINE_LEVEL')).toBe(true);
    setIrqchipState(genirq, irq, 'PENDING', true);
    expect(calls).toEqual(['irqBusLock', 'irqBusSyncUnlock', 'irqBusLock', 'irqSetIrqchipState', 'irqBusSyncUnlock']);
  });

  test('no descriptor is EINVAL', () => {
    const { genirq } = makeBench();
    expect(codeOf(() => getIrqchipState(genirq, 9, 'ACTIVE'))).toBe('EINVAL');
    expect(codeOf(() => setIrqchipState(genirq, 9, 'ACTIVE', true))).toBe('EINVAL');
  });
});
