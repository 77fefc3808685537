import {
  affinityOnlineCpu, dataGetAffinityMask, dataGetEffectiveAffinityMask, IRQD, IRQ_SET_MASK, irqCanSetAffinityUsr, irqMoveIrq, irqMoveMaskedIrq, irqSetAffinity, irqSetAffinityNotifier,
  irqUpdateAffinityDesc, IRQCHIP, irqdToHwirq, migrateAllOffThisCpu, runAffinityNotify,
} from '../src/index.ts';
import { bench, codeOf, has, irqsOff, type Bench } from './affinity-fixture.ts';
import { makeAction } from './proc-board.ts';

const texts = ({ smp }: Bench): string[] => smp.log.records.map(({ text }) => text);

function dies(b: Bench, cpu: number): void {
  b.smp.cpus.online.clear(cpu);
  irqsOff(b, cpu, () => migrateAllOffThisCpu(b.genirq));
}

/** Makes the interrupt managed, for these CPUs. */
function managed(b: Bench, ...cpus: number[]): void {
  b.desc.common.state |= IRQD.AFFINITY_MANAGED;
  b.desc.common.affinity.copy(b.mask(...cpus));
  b.desc.common.effectiveAffinity.copy(b.mask(cpus[0]!));
  b.desc.action = makeAction(b.desc, 'nvme');
}

describe('who is told of a new affinity', () => {
  test('a notifier that is replaced before it was told is not told, and neither are others forgotten', () => {
    const b = bench();
    const told: string[] = [];
    const second = bench().desc;
    irqsOff(b, 0, () => {
      irqSetAffinityNotifier(b.genirq, b.irq, () => told.push('old'));
      irqSetAffinity(b.genirq, b.irq, b.mask(1));
      expect(b.genirq.affinityWork).toEqual([b.desc]);
      irqSetAffinityNotifier(b.genirq, b.irq, () => told.push('new'));
      expect(b.genirq.affinityWork).toEqual([]);
      b.genirq.affinityWork.push(second);
      irqSetAffinityNotifier(b.genirq, b.irq, () => told.push('newer'));
      expect(b.genirq.affinityWork).toEqual([second]);
      b.genirq.affinityWork.pop();
    });
    runAffinityNotify(b.genirq);
    expect(told).toEqual([]);
  });

  test('nobody, when nobody asked', () => {
    const b = bench();
    irqsOff(b, 0, () => irqSetAffinity(b.genirq, b.irq, b.mask(1)));
    expect(b.genirq.affinityWork).toEqual([]);
  });

  test('not from hard irq context, and not with interrupts off', () => {
    const b = bench();
    let told = 0;
    const { cpus } = b.smp;
    irqSetAffinityNotifier(b.genirq, b.irq, () => told++);
    irqsOff(b, 0, () => irqSetAffinity(b.genirq, b.irq, b.mask(1)));
    irqsOff(b, 0, () => runAffinityNotify(b.genirq));
    cpus.irqEnter();
    runAffinityNotify(b.genirq);
    cpus.irqExit();
    expect(told).toBe(0);
    runAffinityNotify(b.genirq);
    expect(told).toBe(1);
  });

  test('a notifier that was taken away while its call was on the way is not called', () => {
    const b = bench();
    irqSetAffinityNotifier(b.genirq, b.irq, () => { throw new Error('told'); });
    irqsOff(b, 0, () => irqSetAffinity(b.genirq, b.irq, b.mask(1)));
    b.desc.affinityNotify = null;
    runAffinityNotify(b.genirq);
    expect(b.genirq.affinityWork).toEqual([]);
  });
});

describe('a CPU goes', () => {
  test('only an interrupt whose affinity had to be broken is reported and its notifier called', () => {
    const b = bench();
    let told = 0;
    irqSetAffinityNotifier(b.genirq, b.irq, () => told++);
    b.desc.common.affinity.copy(b.mask(1, 2));
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    dies(b, 1);
    runAffinityNotify(b.genirq);
    expect([told, texts(b)]).toEqual([0, []]);
    dies(b, 2);
    runAffinityNotify(b.genirq);
    expect([told, texts(b)]).toEqual([1, [`IRQ ${b.irq}: no longer affine to CPU2`]]);
  });

  test('no room on the CPUs wanted: any online CPU will do, and that breaks the affinity', () => {
    const b = bench();
    let told = 0;
    irqSetAffinityNotifier(b.genirq, b.irq, () => told++);
    b.desc.common.affinity.copy(b.mask(1, 2));
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    b.chip.failures.push('ENOSPC');
    dies(b, 1);
    runAffinityNotify(b.genirq);
    expect([b.chip.calls, told]).toEqual([['affinity 2', 'affinity 0,2-3'], 1]);
    expect(texts(b)).toEqual([`IRQ${b.irq}: set affinity failed for 1-2, re-try with online CPUs`, `IRQ ${b.irq}: no longer affine to CPU1`]);
  });

  test('an interrupt that cannot be programmed at all is reported, and counts as not moved', () => {
    const b = bench();
    let told = 0;
    irqSetAffinityNotifier(b.genirq, b.irq, () => told++);
    b.desc.common.affinity.copy(b.mask(1));
    b.desc.common.effectiveAffinity.copy(b.mask(1));
    b.chip.failures.push('EIO');
    dies(b, 1);
    runAffinityNotify(b.genirq);
    expect([told, texts(b)]).toEqual([0, [`IRQ${b.irq}: set affinity failed(-5).`]]);
  });

  test('a managed interrupt that is shut down, one that cannot be moved, and one that is elsewhere are not "no longer affine"', () => {
    const down = bench();
    managed(down, 1);
    dies(down, 1);
    expect([has(down.desc, IRQD.MANAGED_SHUTDOWN), texts(down)]).toEqual([true, []]);
    const fixed = bench();
    fixed.desc.irqData.chip = { name: 'fixed' };
    dies(fixed, 1);
    expect(texts(fixed)).toEqual([`IRQ ${fixed.irq}: Unable to migrate away`]);
    const elsewhere = bench({ flags: IRQCHIP.MOVE_DEFERRED, linux: '7.2' });
    elsewhere.desc.common.effectiveAffinity.copy(elsewhere.mask(0));
    irqSetAffinity(elsewhere.genirq, elsewhere.irq, elsewhere.mask(2, 3));
    dies(elsewhere, 3);
    expect([has(elsewhere.desc, IRQD.SETAFFINITY_PENDING), elsewhere.desc.pendingMask?.toList(), texts(elsewhere)]).toEqual([true, '2-3', []]);
  });
});

describe('a CPU comes', () => {
  test('an interrupt that is not managed stays where it is', () => {
    const b = bench();
    b.desc.action = makeAction(b.desc, 'eth0');
    affinityOnlineCpu(b.genirq, 2);
    expect(b.chip.calls).toEqual([]);
  });

  test('a chip that refuses the affinity of a managed interrupt does not keep the CPU away', () => {
    const b = bench();
    managed(b, 1, 2);
    b.chip.failures.push('ENOSPC');
    affinityOnlineCpu(b.genirq, 2);
    expect(b.chip.calls).toEqual(['affinity 1-2']);
  });

  test('an exception of the chip\'s author is not swallowed', () => {
    const b = bench();
    managed(b, 1, 2);
    b.desc.irqData.chip = { name: 'new', irqSetAffinity: () => { throw new TypeError('not yet written'); } };
    expect(() => affinityOnlineCpu(b.genirq, 2)).toThrow(TypeError);
  });
});

describe('moves that are put off', () => {
  test('without one nothing is masked, programmed or cleared', () => {
    const b = bench();
    for (const move of [irqMoveIrq, irqMoveMaskedIrq]) irqsOff(b, 0, () => move(b.desc.irqData));
    expect(b.chip.calls).toEqual([]);
  });

  test('one without a target, or on a chip that can no longer move, is dropped', () => {
    for (const change of [(b: Bench) => b.desc.pendingMask!.clearAll(), (b: Bench) => { b.desc.pendingMask = null; }, (b: Bench) => { b.desc.irqData.chip = { name: 'fixed' }; }]) {
      const b = bench({ flags: IRQCHIP.MOVE_DEFERRED, linux: '7.2' });
      irqSetAffinity(b.genirq, b.irq, b.mask(2));
      change(b);
      irqsOff(b, 0, () => irqMoveMaskedIrq(b.desc.irqData));
      expect([b.chip.calls, has(b.desc, IRQD.SETAFFINITY_PENDING)]).toEqual([[], false]);
    }
  });

  test('a chip without mask and unmask is moved as it is', () => {
    const b = bench({ linux: '7.2' });
    const moved: string[] = [];
    b.desc.irqData.chip = { name: 'bare', flags: IRQCHIP.MOVE_DEFERRED, irqSetAffinity: (_data, dest) => { moved.push(dest.toList()); return IRQ_SET_MASK.OK; } };
    irqSetAffinity(b.genirq, b.irq, b.mask(2));
    irqsOff(b, 0, () => irqMoveIrq(b.desc.irqData));
    expect(moved).toEqual(['2']);
  });

  test.each([['7.2', 'EBUSY', undefined], ['7.2', 'EIO', 'EIO'], ['6.12', 'EBUSY', 'EBUSY']] as const)(
    'Linux %s, a chip that answers %s: only busy is put off, and only where moves can be', (linux, failure, code) => {
      const b = bench({ linux });
      b.chip.failures.push(failure);
      expect(codeOf(() => irqSetAffinity(b.genirq, b.irq, b.mask(2)))).toBe(code);
      expect([has(b.desc, IRQD.SETAFFINITY_PENDING), b.desc.common.affinity.toList()]).toEqual([code === undefined, '0-3']);
    });
});

describe('before an interrupt is active', () => {
  test('only one that chooses its CPU at activation has its affinity stored without asking the chip', () => {
    for (const [state, calls] of [[IRQD.AFFINITY_ON_ACTIVATE, []], [IRQD.AFFINITY_ON_ACTIVATE | IRQD.ACTIVATED, ['affinity 2']], [0, ['affinity 2']], [IRQD.ACTIVATED, ['affinity 2']]] as const) {
      const b = bench();
      b.desc.common.state = (b.desc.common.state & ~IRQD.ACTIVATED) | state;
      irqSetAffinity(b.genirq, b.irq, b.mask(2));
      expect([b.chip.calls, b.desc.common.affinity.toList()]).toEqual([calls, '2']);
    }
  });

  test('an interrupt that is not active is given its description without being activated, and is managed only if asked', () => {
    const b = bench();
    const steps: unknown[] = [];
    b.desc.irqData.domain = { name: 'd', ops: { activate: (_d: never, _data, reserve) => { steps.push(reserve); }, deactivate: () => { steps.push('off'); } } };
    b.desc.common.state &= ~(IRQD.IRQ_STARTED | IRQD.ACTIVATED);
    irqUpdateAffinityDesc(b.genirq, b.irq, { mask: b.mask(2), isManaged: false });
    expect([steps, has(b.desc, IRQD.AFFINITY_MANAGED), has(b.desc, IRQD.MANAGED_SHUTDOWN), b.desc.common.affinity.toList()]).toEqual([[], false, false, '2']);
    b.desc.common.state |= IRQD.ACTIVATED;
    irqUpdateAffinityDesc(b.genirq, b.irq, { mask: b.mask(3), isManaged: false });
    expect(steps).toEqual(['off', false]);
  });
});

test('what can be asked of an interrupt: its masks, its hwirq, and whether a user may move it', () => {
  const b = bench();
  irqSetAffinity(b.genirq, b.irq, b.mask(2, 3));
  b.desc.irqData.hwirq = 7;
  expect([dataGetAffinityMask(b.desc.irqData).toList(), dataGetEffectiveAffinityMask(b.desc.irqData).toList(), irqdToHwirq(b.desc.irqData)]).toEqual(['2-3', '2', 7]);
  expect([irqCanSetAffinityUsr(b.genirq, b.irq), irqCanSetAffinityUsr(b.genirq, 60)]).toEqual([true, false]);
});

