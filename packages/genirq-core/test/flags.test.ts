import {
  clearStatusFlags, freeIrq, getChip, getChipData, getHandlerData, getIrqData, getTriggerType, handleSimpleIrq, IRQ, IRQ_TYPE, IRQD,
  irqdSetTriggerType, irqdTriggerTypeWasSet, modifyStatus, noIrqChip, requestIrq, setChip, setChipData, setHandlerData, setMsiDesc, setNestedThread,
  setNoprobe, setNorequest, setNothread, setParent, setPercpuDevid, setProbe, setStatusFlags, irqdAffinityIsManaged, irqdAffinityOnActivate,
  irqdAffinityWasSet, irqdCanBalance, irqdCanReserve, irqdClrActivated, irqdClrCanReserve, irqdClrManagedShutdown, irqdIrqDisabled, irqdIrqInprogress,
  irqdIrqMasked, irqdIsActivated, irqdIsForwardedToVcpu, irqdIsHandleEnforceIrqctx, irqdIsLevelType, irqdIsManagedAndShutdown, irqdIsPerCpu,
  irqdIsSetaffinityPending, irqdIsSingleTarget, irqdIsStarted, irqdIsWakeupArmed, irqdIsWakeupSet, irqdMarkAffinityWasSet,
  irqdNeedsResendWhenInProgress, irqdSetActivated, irqdSetAffinityOnActivate, irqdSetCanReserve, irqdSetHandleEnforceIrqctx, irqdSetManagedShutdown,
  irqdSetResendWhenInProgress, irqdSetSingleTarget, kstatIncrIrqsThisCpu, kstatIrqs, kstatIrqsCpu, type IrqData,
} from '../src/index.ts';
import { codeOf, findings, handled, makeBench } from './fixture.ts';

describe('settings', () => {
  test('the shortcuts set and clear their bit', () => {
    const { genirq, irq, desc } = makeBench();
    setNoprobe(genirq, irq);
    setNorequest(genirq, irq);
    setNothread(genirq, irq);
    setNestedThread(genirq, irq, true);
    expect(desc.settings).toBe(IRQ.NOPROBE | IRQ.NOREQUEST | IRQ.NOTHREAD | IRQ.NESTED_THREAD);
    setProbe(genirq, irq);
    setNestedThread(genirq, irq, false);
    clearStatusFlags(genirq, irq, IRQ.NOREQUEST);
    expect(desc.settings).toBe(IRQ.NOTHREAD);
  });

  test('NO_DEBUG and the row flag are out of reach', () => {
    const { genirq, irq, desc } = makeBench();
    setStatusFlags(genirq, irq, IRQ.NO_DEBUG | IRQ.PROC_VALID);
    expect(desc.settings).toBe(0);
  });

  test('dstate is derived anew: LEVEL, PER_CPU and NO_BALANCING follow the settings', () => {
    const { genirq, irq, data } = makeBench();
    setStatusFlags(genirq, irq, IRQ.LEVEL | IRQ.PER_CPU | IRQ.NO_BALANCING);
    expect(data.common.state & (IRQD.LEVEL | IRQD.PER_CPU | IRQD.NO_BALANCING)).toBe(IRQD.LEVEL | IRQD.PER_CPU | IRQD.NO_BALANCING);
    clearStatusFlags(genirq, irq, IRQ.LEVEL | IRQ.PER_CPU | IRQ.NO_BALANCING);
    expect(data.common.state & (IRQD.LEVEL | IRQD.PER_CPU | IRQD.NO_BALANCING)).toBe(0);
  });

  test('the trigger type comes from the settings, and stays when they carry none', () => {
    const { genirq, irq } = makeBench();
    modifyStatus(genirq, irq, IRQ_TYPE.SENSE_MASK, IRQ_TYPE.LEVEL_HIGH);
    expect(getTriggerType(genirq, irq)).toBe(IRQ_TYPE.LEVEL_HIGH);
    modifyStatus(genirq, irq, IRQ_TYPE.SENSE_MASK, 0);
    expect(getTriggerType(genirq, irq)).toBe(IRQ_TYPE.LEVEL_HIGH);
  });

  test('NOAUTOEN on a running interrupt warns once', () => {
    const { smp, genirq, irq } = makeBench({ flow: handleSimpleIrq });
    requestIrq(genirq, irq, handled, 0, 'x');
    setStatusFlags(genirq, irq, IRQ.NOAUTOEN);
    setStatusFlags(genirq, irq, IRQ.NOAUTOEN);
    expect(findings(smp)).toEqual([expect.stringContaining('NOAUTOEN comes too late')]);
  });

  test('no descriptor: nothing happens', () => expect(() => modifyStatus(makeBench().genirq, 55, 0, IRQ.HIDDEN)).not.toThrow());
});

describe('trigger type in dstate', () => {
  test('recording one, NONE too, marks it as set', () => {
    const { data } = makeBench();
    expect(irqdTriggerTypeWasSet(data)).toBe(false);
    irqdSetTriggerType(data, IRQ_TYPE.NONE);
    expect(data.common.state).toBe(IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED | 0x2000000);
    irqdSetTriggerType(data, IRQ_TYPE.EDGE_BOTH);
    irqdSetTriggerType(data, IRQ_TYPE.LEVEL_LOW);
    expect(data.common.state & IRQD.TRIGGER_MASK).toBe(IRQ_TYPE.LEVEL_LOW);
  });

  test('an unknown irq has type NONE', () => expect(getTriggerType(makeBench().genirq, 9)).toBe(IRQ_TYPE.NONE));
});

describe('pointers', () => {
  test('chip data belongs to the level, handler data to the interrupt', () => {
    const { genirq, irq, desc, data } = makeBench();
    setChipData(genirq, irq, 'chip data');
    setHandlerData(genirq, irq, 'handler data');
    setMsiDesc(genirq, irq, 'msi');
    expect([getChipData(genirq, irq), getHandlerData(genirq, irq), getIrqData(genirq, irq)]).toEqual(['chip data', 'handler data', data]);
    expect([data.chipData, desc.common.handlerData, desc.common.msiDesc]).toEqual(['chip data', 'handler data', 'msi']);
  });

  test('a null chip is no_irq_chip', () => {
    const { genirq, irq } = makeBench();
    setChip(genirq, irq, null);
    expect(getChip(genirq, irq)).toBe(noIrqChip);
  });

  test('without a descriptor setters are EINVAL and getters null', () => {
    const { genirq } = makeBench();
    for (const set of [setChipData, setHandlerData, setMsiDesc]) expect(codeOf(() => set(genirq, 9, 1))).toBe('EINVAL');
    expect(codeOf(() => setChip(genirq, 9, null))).toBe('EINVAL');
    expect(codeOf(() => setParent(genirq, 9, 1))).toBe('EINVAL');
    expect([getChip(genirq, 9), getChipData(genirq, 9), getHandlerData(genirq, 9), getIrqData(genirq, 9)]).toEqual([null, null, null, null]);
  });
});

describe('setPercpuDevid', () => {
  test('gives settings 0x31600 and an empty mask of enabled CPUs, and leaves NOREQUEST alone', () => {
    const { genirq, irq, desc } = makeBench();
    setPercpuDevid(genirq, irq);
    expect(desc.settings).toBe(0x31600);
    expect(desc.common.state).toBe(0x30800);
    expect(desc.percpuEnabled!.isEmpty()).toBe(true);
  });

  test('twice, or without a descriptor, is EINVAL; out of memory ENOMEM', () => {
    const { smp, genirq, irq, desc } = makeBench();
    expect(codeOf(() => setPercpuDevid(genirq, 9))).toBe('EINVAL');
    smp.faults.fail('cpumask');
    expect(codeOf(() => setPercpuDevid(genirq, irq))).toBe('ENOMEM');
    expect(desc.settings).toBe(0);
    setPercpuDevid(genirq, irq);
    expect(codeOf(() => setPercpuDevid(genirq, irq))).toBe('EINVAL');
  });
});

describe('the row flag of later kernels', () => {
  test('a request sets it, a free clears it, HIDDEN has it derived anew', () => {
    const { genirq, irq, desc } = makeBench({ linux: '7.2', flow: handleSimpleIrq });
    requestIrq(genirq, irq, handled, 0, 'x');
    expect(desc.settings).toBe(IRQ.PROC_VALID);
    setStatusFlags(genirq, irq, IRQ.HIDDEN);
    expect(desc.settings).toBe(IRQ.HIDDEN);
    clearStatusFlags(genirq, irq, IRQ.HIDDEN);
    expect(desc.settings).toBe(IRQ.PROC_VALID);
    freeIrq(genirq, irq);
    expect(desc.settings).toBe(0);
  });

  test('6.12 does not know it', () => {
    const { genirq, irq, desc } = makeBench({ flow: handleSimpleIrq });
    requestIrq(genirq, irq, handled, 0, 'x');
    expect(desc.settings).toBe(0);
  });
});

describe('dstate', () => {
  const PREDICATES: readonly (readonly [(data: IrqData) => boolean, number])[] = [
    [irqdIrqDisabled, 1 << 16], [irqdIrqMasked, 1 << 17], [irqdIrqInprogress, 1 << 18], [irqdIsStarted, 1 << 22], [irqdIsActivated, 1 << 9],
    [irqdIsPerCpu, 1 << 11], [irqdAffinityWasSet, 1 << 12], [irqdIsSetaffinityPending, 1 << 8], [irqdAffinityIsManaged, 1 << 21],
    [irqdIsManagedAndShutdown, 1 << 23], [irqdIsSingleTarget, 1 << 24], [irqdIsLevelType, 1 << 13], [irqdIsWakeupSet, 1 << 14],
    [irqdIsWakeupArmed, 1 << 19], [irqdIsForwardedToVcpu, 1 << 20], [irqdTriggerTypeWasSet, 1 << 25], [irqdCanReserve, 1 << 26],
    [irqdIsHandleEnforceIrqctx, 1 << 27], [irqdAffinityOnActivate, 1 << 28], [irqdNeedsResendWhenInProgress, 1 << 30],
  ];

  test.each(PREDICATES)('%p is true for its bit alone', (predicate, bit) => {
    const { data } = makeBench();
    data.common.state = bit;
    expect(predicate(data)).toBe(true);
    data.common.state = ~bit;
    expect(predicate(data)).toBe(false);
  });

  test.each<readonly [(data: IrqData) => void, number, boolean]>([
    [irqdSetActivated, 1 << 9, true], [irqdClrActivated, 1 << 9, false], [irqdMarkAffinityWasSet, 1 << 12, true],
    [irqdSetManagedShutdown, 1 << 23, true], [irqdClrManagedShutdown, 1 << 23, false], [irqdSetSingleTarget, 1 << 24, true],
    [irqdSetCanReserve, 1 << 26, true], [irqdClrCanReserve, 1 << 26, false], [irqdSetHandleEnforceIrqctx, 1 << 27, true],
    [irqdSetAffinityOnActivate, 1 << 28, true], [irqdSetResendWhenInProgress, 1 << 30, true],
  ])('%p changes its bit alone', (change, bit, on) => {
    const { data } = makeBench();
    data.common.state = on ? 0 : -1;
    change(data);
    expect(data.common.state).toBe(on ? bit : ~bit);
  });

  test.each([[0, true], [IRQD.PER_CPU, false], [IRQD.NO_BALANCING, false]])('with %i the affinity may change: %s', (bits, can) => {
    const { data } = makeBench();
    data.common.state = bits;
    expect(irqdCanBalance(data)).toBe(can);
  });
});

describe('statistics', () => {
  test('an ordinary interrupt has a total, a per-CPU one the sum over its CPUs; an unknown one 0', () => {
    const { smp, genirq, irq, desc } = makeBench({ nrCpus: 3 });
    for (const cpu of [0, 2, 2]) smp.cpus.runOn(cpu, () => kstatIncrIrqsThisCpu(desc));
    expect([kstatIrqs(genirq, irq), kstatIrqsCpu(genirq, irq, 2), kstatIrqsCpu(genirq, irq, 1)]).toEqual([3, 2, 0]);
    smp.cpus.runOn(1, () => desc.countThisCpu());
    expect(kstatIrqs(genirq, irq)).toBe(3);
    setStatusFlags(genirq, irq, IRQ.PER_CPU);
    expect(kstatIrqs(genirq, irq)).toBe(4);
    expect([kstatIrqs(genirq, 77), kstatIrqsCpu(genirq, 77, 0)]).toEqual([0, 0]);
  });
});
