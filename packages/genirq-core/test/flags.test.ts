import {
  clearStatusFlags, freeIrq, getChip, getChipData, getHandlerData, getIrqData, getTriggerType, handleSimpleIrq, IRQ, IRQ_TYPE, IRQD, irqdSetTriggerType, irqdTriggerTypeWasSet,
  modifyStatus, noIrqChip, requestIrq, setChip, setChipData, setHandlerData, setMsiDesc, setNestedThread, setNoprobe, setNorequest, setNothread, setParent, setPercpuDevid,
  setProbe, setStatusFlags,
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
