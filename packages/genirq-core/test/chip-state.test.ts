import { IrqError } from '@irqchip/smp';
import {
  dataUpdateEffectiveAffinity, dummyIrqChip, IRQ, IRQCHIP, IRQD, irqActivate, irqDisable, irqEnable, irqShutdown, irqShutdownAndDeactivate, irqStartup, maskAckIrq, maskIrq, noIrqChip, setChip, setStatusFlags, unmaskIrq,
  type IrqData, type IrqDataDomain, irqDomainActivateIrq, irqDomainDeactivateIrq, makeIrqData, runPendingResend, IRQS,
} from '../src/index.ts';
import { codeOf, findings, makeBench, taken } from './fixture.ts';

const { IRQ_DISABLED: DISABLED, IRQ_MASKED: MASKED, IRQ_STARTED: STARTED } = IRQD;

function state(data: IrqData): number { return data.common.state & (DISABLED | MASKED | STARTED); }

describe('mask and unmask', () => {
  test('are idempotent and record MASKED', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqMask', 'irqUnmask'] });
    maskIrq(desc);
    expect(taken(calls)).toEqual([]);
    unmaskIrq(desc);
    unmaskIrq(desc);
    expect([taken(calls), state(data) & MASKED]).toEqual([['irqUnmask'], 0]);
    maskIrq(desc);
    expect([taken(calls), state(data) & MASKED]).toEqual([['irqMask'], MASKED]);
  });

  test('without a callback nothing is recorded', () => {
    const { desc, data } = makeBench();
    unmaskIrq(desc);
    expect(state(data) & MASKED).toBe(MASKED);
  });

  test('mask_ack is called even when masked; else mask and ack stand in', () => {
    const one = makeBench({ callbacks: ['irqMaskAck', 'irqMask', 'irqAck'] });
    maskAckIrq(one.desc);
    expect(one.calls).toEqual(['irqMaskAck']);
    const two = makeBench({ callbacks: ['irqMask', 'irqUnmask', 'irqAck'] });
    unmaskIrq(two.desc);
    maskAckIrq(two.desc);
    expect(two.calls).toEqual(['irqUnmask', 'irqMask', 'irqAck']);
  });
});

describe('enable and disable', () => {
  test('enable uses irqEnable, clears DISABLED and MASKED; enabled already it only unmasks', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqEnable', 'irqUnmask', 'irqMask'] });
    irqEnable(desc);
    expect([taken(calls), state(data)]).toEqual([['irqEnable'], 0]);
    maskIrq(desc);
    irqEnable(desc);
    expect(taken(calls)).toEqual(['irqMask', 'irqUnmask']);
  });

  test('enable without irqEnable unmasks', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqUnmask'] });
    irqEnable(desc);
    expect([calls, state(data)]).toEqual([['irqUnmask'], 0]);
  });

  test('disable is lazy: without irqDisable the line stays unmasked', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqUnmask', 'irqMask'] });
    irqEnable(desc);
    taken(calls);
    irqDisable(desc);
    irqDisable(desc);
    expect([calls, state(data)]).toEqual([[], DISABLED]);
  });

  test('disable with irqDisable, or unlazily, masks', () => {
    const one = makeBench({ callbacks: ['irqUnmask', 'irqDisable'] });
    irqEnable(one.desc);
    irqDisable(one.desc);
    expect([one.calls, state(one.data)]).toEqual([['irqUnmask', 'irqDisable'], DISABLED | MASKED]);
    const two = makeBench({ callbacks: ['irqUnmask', 'irqMask'] });
    setStatusFlags(two.genirq, two.irq, IRQ.DISABLE_UNLAZY);
    irqEnable(two.desc);
    irqDisable(two.desc);
    irqDisable(two.desc);
    expect([two.calls, state(two.data)]).toEqual([['irqUnmask', 'irqMask'], DISABLED | MASKED]);
  });
});

describe('startup and shutdown', () => {
  test('the first start uses irqStartup, later ones enable', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqStartup', 'irqEnable', 'irqDisable'] });
    irqActivate(desc);
    irqStartup(desc, false, true);
    expect([taken(calls), state(data), desc.depth]).toEqual([['irqStartup'], STARTED, 0]);
    irqDisable(desc);
    irqStartup(desc, false, true);
    expect(taken(calls)).toEqual(['irqDisable', 'irqEnable']);
  });

  test.each([
    [IRQCHIP.AFFINITY_PRE_STARTUP, ['irqSetAffinity', 'irqStartup']],
    [0, ['irqStartup', 'irqSetAffinity']],
  ])('a chip with AFFINITY_PRE_STARTUP is told its CPUs before it starts, another one after (flags %i)', (flags, order) => {
    const calls: string[] = [];
    const { desc } = makeBench({
      chip: {
        flags,
        irqStartup: () => void calls.push('irqStartup'),
        irqSetAffinity: (data, dest) => { calls.push('irqSetAffinity'); dataUpdateEffectiveAffinity(data, dest); return 0; },
      },
    });
    irqActivate(desc);
    expect(irqStartup(desc, false, false)).toBe(0);
    expect(calls).toEqual(order);
  });

  test('a failing irqStartup is returned, and the interrupt counts as started', () => {
    const { desc, data } = makeBench({ chip: { irqStartup: () => { throw new IrqError('EIO', 'dead'); } } });
    irqActivate(desc);
    expect(irqStartup(desc, false, true)).toBe(-5);
    expect(state(data)).toBe(STARTED);
  });

  test('starting what was not activated warns once', () => {
    const { smp, desc } = makeBench({ callbacks: ['irqUnmask'] });
    irqStartup(desc, false, true);
    expect(findings(smp)).toEqual([expect.stringContaining('before it was activated')]);
  });

  test('shutdown counts as a disable, masks, forgets a queued resend, and does nothing twice', () => {
    const { genirq, desc, data, calls } = makeBench({ callbacks: ['irqUnmask', 'irqMask'] });
    irqActivate(desc);
    irqStartup(desc, false, true);
    genirq.resends.add(desc);
    taken(calls);
    irqShutdown(desc);
    irqShutdown(desc);
    expect([calls, state(data), desc.depth]).toEqual([['irqMask'], DISABLED | MASKED, 1]);
    expect(runPendingResend(genirq)).toBe(0);
  });

  test('shutdown masks a line that was disabled lazily', () => {
    const { desc, calls, data } = makeBench({ callbacks: ['irqUnmask', 'irqMask'] });
    irqActivate(desc);
    irqStartup(desc, false, true);
    irqDisable(desc);
    irqShutdown(desc);
    expect([calls, state(data)]).toEqual([['irqUnmask', 'irqMask'], DISABLED | MASKED]);
  });

  test('shutdown uses irqShutdown, and the deactivating one deactivates even what was not started', () => {
    const { desc, data, calls } = makeBench({ callbacks: ['irqUnmask', 'irqShutdown', 'irqMask'] });
    irqActivate(desc);
    irqStartup(desc, false, true);
    irqShutdownAndDeactivate(desc);
    expect([calls, state(data), data.common.state & IRQD.ACTIVATED]).toEqual([['irqUnmask', 'irqShutdown'], DISABLED | MASKED, 0]);
    irqActivate(desc);
    irqShutdownAndDeactivate(desc);
    expect(data.common.state & IRQD.ACTIVATED).toBe(0);
  });
});

describe('activation', () => {
  function hierarchy(fails?: string) {
    const bench = makeBench();
    const log: string[] = [];
    const domain = (name: string): IrqDataDomain => ({
      name,
      ops: {
        activate: (_domain: never, data: IrqData, reserve: boolean) => {
          log.push(`+${name} ${data === level(name)} ${reserve}`);
          if (name === fails) throw new IrqError('EIO', 'no');
        },
        deactivate: () => void log.push(`-${name}`),
      },
    });
    const { data, desc } = bench;
    const levels: Record<string, IrqData> = { outer: data };
    const level = (name: string): IrqData => levels[name]!;
    data.domain = domain('outer');
    data.parentData = levels['middle'] = makeIrqData(desc.irq, noIrqChip, desc.common, domain('middle'));
    data.parentData.parentData = levels['root'] = makeIrqData(desc.irq, noIrqChip, desc.common, domain('root'));
    return { ...bench, log };
  }

  test('goes from the root outwards, once; deactivation the other way', () => {
    const { data, log } = hierarchy();
    irqDomainActivateIrq(data, false);
    irqDomainActivateIrq(data, false);
    expect(taken(log)).toEqual(['+root true false', '+middle true false', '+outer true false']);
    irqDomainDeactivateIrq(data);
    irqDomainDeactivateIrq(data);
    expect(taken(log)).toEqual(['-outer', '-middle', '-root']);
  });

  test('a failing level has its parents deactivated, outermost first, and nothing is marked', () => {
    const { data, log } = hierarchy('outer');
    expect(codeOf(() => irqDomainActivateIrq(data, true))).toBe('EIO');
    expect(log).toEqual(['+root true true', '+middle true true', '+outer true true', '-middle', '-root']);
    expect(data.common.state & IRQD.ACTIVATED).toBe(0);
  });

  test('a level without a domain ends the walk, and the interrupt still counts as activated', () => {
    const { data, log } = hierarchy();
    data.domain = null;
    irqDomainActivateIrq(data, false);
    expect([log, data.common.state & IRQD.ACTIVATED]).toEqual([[], IRQD.ACTIVATED]);
  });
});

describe('the two chips of the core', () => {
  test('no_irq_chip cannot mask, and its acknowledge complains', () => {
    const { smp, genirq, irq, desc } = makeBench();
    setChip(genirq, irq, null);
    expect([noIrqChip.name, noIrqChip.irqMask, noIrqChip.irqUnmask]).toEqual(['none', undefined, undefined]);
    noIrqChip.irqAck!(desc.irqData);
    expect(smp.log.records.at(-1)).toMatchObject({ level: 'crit', text: 'unexpected IRQ trap at vector 00' });
  });

  test('dummy_irq_chip does nothing, and masking is recorded', () => {
    const { genirq, irq, desc, data } = makeBench();
    setChip(genirq, irq, dummyIrqChip);
    irqActivate(desc);
    irqStartup(desc, false, true);
    expect(state(data)).toBe(STARTED);
    expect(desc.istate).toBe(IRQS.SYSFS);
  });
});
