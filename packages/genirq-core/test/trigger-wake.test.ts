import { IrqError } from '@irqchip/smp';
import {
  disableIrqWake, enableIrqWake, handleSimpleIrq, IRQ, IRQ_SET_MASK, IRQ_TYPE, IRQCHIP, IRQD, irqdSetTriggerType, IRQS, requestIrq, setIrqType,
} from '../src/index.ts';
import { codeOf, findings, handled, logTexts, makeBench, taken } from './fixture.ts';

describe('setIrqType', () => {
  test('a chip without irqSetType takes any type, and nothing is recorded', () => {
    const { genirq, irq, data, desc } = makeBench();
    setIrqType(genirq, irq, IRQ_TYPE.LEVEL_HIGH);
    expect([data.common.state & (IRQD.TRIGGER_MASK | IRQD.LEVEL), desc.settings]).toEqual([0, 0]);
  });

  test.each([IRQ_SET_MASK.OK, IRQ_SET_MASK.OK_DONE])('result %p: the core records the type', (result) => {
    const { genirq, irq, data, desc } = makeBench({ chip: { irqSetType: () => result } });
    setIrqType(genirq, irq, IRQ_TYPE.LEVEL_HIGH | 0x30);
    expect([data.common.state & (IRQD.TRIGGER_MASK | IRQD.LEVEL), desc.settings]).toEqual([IRQD.LEVEL | 4, IRQ.LEVEL | 4]);
  });

  test('OK_NOCOPY: the chip has recorded it, settings follow', () => {
    const { genirq, irq, data, desc } = makeBench({ chip: { irqSetType: (level) => { irqdSetTriggerType(level, IRQ_TYPE.EDGE_FALLING); return IRQ_SET_MASK.OK_NOCOPY; } } });
    setIrqType(genirq, irq, IRQ_TYPE.EDGE_BOTH);
    expect([data.common.state & IRQD.TRIGGER_MASK, desc.settings]).toEqual([2, 2]);
  });

  test('a refusal is printed and thrown, and nothing is recorded', () => {
    const { smp, genirq, irq, desc, data } = makeBench({ chip: { irqSetType: function mux8SetType() { throw new IrqError('EINVAL', 'edges only'); } } });
    expect(() => setIrqType(genirq, irq, IRQ_TYPE.LEVEL_LOW)).toThrow('edges only');
    expect(logTexts(smp)).toEqual(['genirq: Setting trigger mode 8 for irq 0 failed (mux8_set_type)']);
    expect([desc.settings, data.common.state & IRQD.TRIGGER_MASK, desc.lock.locked]).toEqual([0, 0, false]);
  });

  test('another result is EINVAL', () => expect(codeOf(() => {
    const { genirq, irq } = makeBench({ chip: { irqSetType: () => -22 } });
    setIrqType(genirq, irq, 1);
  })).toBe('EINVAL'));

  test('SET_TYPE_MASKED: masked meanwhile; unmasked after, even after a refusal, unless disabled', () => {
    let fail = false;
    const bench = makeBench({ flow: handleSimpleIrq, callbacks: ['irqMask', 'irqUnmask'], chip: { flags: IRQCHIP.SET_TYPE_MASKED, irqSetType: () => { bench.calls.push('type'); if (fail) throw new IrqError('EINVAL', 'no'); return 0; } } });
    requestIrq(bench.genirq, bench.irq, handled, 0, 'x');
    taken(bench.calls);
    setIrqType(bench.genirq, bench.irq, 1);
    expect(taken(bench.calls)).toEqual(['irqMask', 'type', 'irqUnmask']);
    fail = true;
    expect(codeOf(() => setIrqType(bench.genirq, bench.irq, 1))).toBe('EINVAL');
    expect(taken(bench.calls)).toEqual(['irqMask', 'type', 'irqUnmask']);
    fail = false;
    bench.data.common.state |= IRQD.IRQ_DISABLED;
    setIrqType(bench.genirq, bench.irq, 1);
    expect(bench.calls).toEqual(['irqMask', 'type']);
  });

  test('no descriptor is EINVAL', () => expect(codeOf(() => setIrqType(makeBench().genirq, 9, 1))).toBe('EINVAL'));
});

describe('setIrqWake', () => {
  test('nests: the chip is told of the first and the last', () => {
    const { genirq, irq, data, calls } = makeBench({ callbacks: ['irqSetWake'] });
    enableIrqWake(genirq, irq);
    enableIrqWake(genirq, irq);
    disableIrqWake(genirq, irq);
    expect([calls.length, data.common.state & IRQD.WAKEUP_STATE]).toEqual([1, IRQD.WAKEUP_STATE]);
    disableIrqWake(genirq, irq);
    expect([calls.length, data.common.state & IRQD.WAKEUP_STATE]).toEqual([2, 0]);
  });

  test('a chip that cannot is ENXIO, one that need not is fine', () => {
    const without = makeBench();
    expect(codeOf(() => enableIrqWake(without.genirq, without.irq))).toBe('ENXIO');
    expect(without.desc.wakeDepth).toBe(0);
    const skips = makeBench({ chip: { flags: IRQCHIP.SKIP_SET_WAKE } });
    enableIrqWake(skips.genirq, skips.irq);
    expect(skips.desc.wakeDepth).toBe(1);
  });

  test('a refusal of the chip leaves the count as it was', () => {
    let fail = false;
    const { genirq, irq, desc, data } = makeBench({ chip: { irqSetWake: () => { if (fail) throw new IrqError('EIO', 'no'); } } });
    enableIrqWake(genirq, irq);
    fail = true;
    expect(codeOf(() => disableIrqWake(genirq, irq))).toBe('EIO');
    expect([desc.wakeDepth, data.common.state & IRQD.WAKEUP_STATE]).toEqual([1, IRQD.WAKEUP_STATE]);
  });

  test('unbalanced is a warning; no descriptor or an NMI is EINVAL', () => {
    const { smp, genirq, irq, desc } = makeBench({ callbacks: ['irqSetWake'] });
    disableIrqWake(genirq, irq);
    expect(findings(smp)).toEqual(['Unbalanced IRQ 0 wake disable']);
    desc.istate |= IRQS.NMI;
    expect(codeOf(() => enableIrqWake(genirq, irq))).toBe('EINVAL');
    expect(codeOf(() => enableIrqWake(genirq, 9))).toBe('EINVAL');
  });
});
