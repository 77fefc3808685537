import fc from 'fast-check';
import { CpuMask, Smp } from '@irqchip/smp';
import {
  allocDesc, allocDescAt, allocDescFrom, allocDescs, DescTable, freeDesc, freeDescs, Genirq, getNextIrq, handleBadIrq, IRQD, IRQS, irqToDesc, MAX_SPARSE_IRQS, noIrqChip,
} from '../src/index.ts';
import { codeOf } from './fixture.ts';

function machine(nrIrqs = 64, nrCpus = 4): Genirq { return new Genirq(new Smp({ nrCpus }), { nrIrqs }); }

describe('a fresh descriptor', () => {
  test('is disabled and masked, has depth 1, no chip, the bad flow and the default affinity', () => {
    const genirq = machine();
    const desc = irqToDesc(genirq, allocDesc(genirq, 3))!;
    expect(desc.common.state).toBe(IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED);
    expect(desc).toMatchObject({ irq: 0, depth: 1, settings: 0, istate: IRQS.SYSFS, action: null, handleIrq: handleBadIrq, totCount: 0 });
    expect(desc.irqData.chip).toBe(noIrqChip);
    expect([desc.common.affinity.toList(), desc.common.effectiveAffinity.toList(), desc.common.node]).toEqual(['0-3', '', 3]);
  });

  test('keeps its affinity when the default changes later', () => {
    const genirq = machine();
    const desc = irqToDesc(genirq, allocDesc(genirq, 0))!;
    genirq.defaultAffinity.clear(3);
    expect(desc.common.affinity.toList()).toBe('0-3');
  });

  test('the default affinity always includes the boot CPU', () => {
    const genirq = new Genirq(new Smp({ nrCpus: 4 }), { defaultAffinity: new CpuMask(4, [2]) });
    expect(genirq.irqToDesc(allocDesc(genirq, 0))!.common.affinity.toList()).toBe('0,2');
  });

  test('with an affinity descriptor is marked AFFINITY_SET, and managed if asked', () => {
    const genirq = machine();
    const first = allocDescs(genirq, -1, 0, 2, 0, [{ mask: new CpuMask(4, [1]), isManaged: true }, { mask: new CpuMask(4, [2]), isManaged: false }]);
    const [managed, free] = [irqToDesc(genirq, first)!.common, irqToDesc(genirq, first + 1)!.common];
    expect(managed.state & (IRQD.AFFINITY_SET | IRQD.AFFINITY_MANAGED | IRQD.MANAGED_SHUTDOWN)).toBe(IRQD.AFFINITY_SET | IRQD.AFFINITY_MANAGED | IRQD.MANAGED_SHUTDOWN);
    expect(free.state & (IRQD.AFFINITY_SET | IRQD.AFFINITY_MANAGED | IRQD.MANAGED_SHUTDOWN)).toBe(IRQD.AFFINITY_SET);
    expect([managed.affinity.toList(), free.affinity.toList()]).toEqual(['1', '2']);
  });
});

describe('allocation', () => {
  test('cnt 0 is EINVAL', () => expect(codeOf(() => allocDescs(machine(), -1, 0, 0, 0))).toBe('EINVAL'));

  test('an exact number below from is EINVAL', () => expect(codeOf(() => allocDescs(machine(), 3, 4, 1, 0))).toBe('EINVAL'));

  test('an exact run that is not free throughout is EEXIST', () => {
    const genirq = machine();
    allocDescAt(genirq, 5, 0);
    expect(codeOf(() => allocDescs(genirq, 5, 5, 1, 0))).toBe('EEXIST');
    expect(codeOf(() => allocDescs(genirq, 4, 0, 2, 0))).toBe('EEXIST');
    expect(allocDescs(genirq, 3, 0, 2, 0)).toBe(3);
  });

  test('takes the lowest free run at or above from', () => {
    const genirq = machine();
    for (const taken of [0, 2, 5]) allocDescAt(genirq, taken, 0);
    expect(allocDescs(genirq, -1, 0, 2, 0)).toBe(3);
    expect(allocDesc(genirq, 0)).toBe(1);
    expect(allocDescFrom(genirq, 3, 0)).toBe(6);
  });

  test('grows the number space, to what is needed and no further', () => {
    const genirq = machine(64);
    expect(allocDescs(genirq, 100, 0, 3, 0)).toBe(100);
    expect(genirq.descs.nrIrqs).toBe(103);
    allocDesc(genirq, 0);
    expect(genirq.descs.nrIrqs).toBe(103);
  });

  test('beyond the number space is ENOMEM', () => {
    const genirq = machine();
    expect(codeOf(() => allocDescAt(genirq, MAX_SPARSE_IRQS, 0))).toBe('ENOMEM');
    expect(codeOf(() => allocDescs(genirq, -1, MAX_SPARSE_IRQS - 1, 2, 0))).toBe('ENOMEM');
    expect(genirq.descs.nrIrqs).toBe(64);
  });

  test('an empty affinity mask is EINVAL', () => {
    const genirq = machine();
    const affinity = [{ mask: new CpuMask(4, [0]), isManaged: false }, { mask: new CpuMask(4), isManaged: false }];
    expect(codeOf(() => allocDescs(genirq, -1, 0, 2, 0, affinity))).toBe('EINVAL');
    expect([...genirq.descs]).toEqual([]);
  });

  test('out of memory is ENOMEM and leaves nothing behind', () => {
    const genirq = machine();
    genirq.smp.faults.fail('irq_desc', { after: 2 });
    expect(codeOf(() => allocDescs(genirq, -1, 0, 4, 0))).toBe('ENOMEM');
    expect([...genirq.descs]).toEqual([]);
    expect(allocDescs(genirq, -1, 0, 4, 0)).toBe(0);
  });

  test('two machines do not share numbers', () => {
    const [one, two] = [machine(), machine()];
    expect([allocDesc(one, 0), allocDesc(one, 0), allocDesc(two, 0)]).toEqual([0, 1, 0]);
  });

  test('what was in use stays in use when the table grows, and a hole is found behind a thousand that are not free', () => {
    const genirq = machine();
    for (let i = 0; i < 4000; i++) allocDesc(genirq, 0);
    expect(codeOf(() => allocDescAt(genirq, 70, 0))).toBe('EEXIST');
    for (const hole of [0, 3500]) freeDesc(genirq, hole);
    expect([allocDescFrom(genirq, 1, 0), allocDescFrom(genirq, 1, 0), allocDesc(genirq, 0)]).toEqual([3500, 4000, 0]);
  });

  test('the search for a free number does not walk what is in use', () => {
    const genirq = machine();
    const start = performance.now();
    allocDescs(genirq, -1, 0, 100_000, 0);
    for (let i = 0; i < 100_000; i++) allocDesc(genirq, 0);
    freeDescs(genirq, 0, 200_000);
    for (let i = 0; i < 50_000; i++) allocDesc(genirq, 0);
    // A search that walks what is in use would take minutes.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(genirq.descs.nextIrq(0)).toBe(0);
    expect(genirq.irqToDesc(49_999)!.irq).toBe(49_999);
    expect(genirq.irqToDesc(50_000)).toBeNull();
  });
});

describe('free and lookup', () => {
  test('a freed number is null and is handed out again', () => {
    const genirq = machine();
    allocDescs(genirq, -1, 0, 3, 0);
    freeDesc(genirq, 1);
    expect(irqToDesc(genirq, 1)).toBeNull();
    expect(allocDesc(genirq, 0)).toBe(1);
  });

  test('a range that is not inside the number space is ignored', () => {
    const genirq = machine(4);
    allocDescs(genirq, -1, 0, 4, 0);
    freeDescs(genirq, 2, 3);
    freeDescs(genirq, 4, 1);
    expect([...genirq.descs].map((desc) => desc.irq)).toEqual([0, 1, 2, 3]);
    freeDescs(genirq, 2, 2);
    expect([...genirq.descs].map((desc) => desc.irq)).toEqual([0, 1]);
  });

  test.each([-1, 1.5, NaN, 64, 2 ** 31])('irq %p has no descriptor', (irq) => expect(irqToDesc(machine(), irq)).toBeNull());

  test('the next irq is the lowest allocated at or above the offset, else nrIrqs', () => {
    const genirq = machine(64);
    for (const irq of [3, 40]) allocDescAt(genirq, irq, 0);
    expect([0, 3, 4, 40, 41].map((offset) => getNextIrq(genirq, offset))).toEqual([3, 3, 40, 40, 64]);
  });

  test('the table refuses a nonsensical size', () => expect(codeOf(() => new DescTable(0))).toBe('EINVAL'));
});

test('any series of allocations and frees gives what a plain search for the lowest run gives', () => {
  const step = fc.oneof(
    fc.record({ from: fc.nat(150), cnt: fc.integer({ min: 1, max: 70 }) }),
    fc.record({ free: fc.nat(300), cnt: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const genirq = machine(64, 1);
    const used = new Set<number>();
    const lowestRun = (from: number, cnt: number): number => {
      for (let start = from; ; start++) if (Array.from({ length: cnt }, (_, i) => used.has(start + i)).every((taken) => !taken)) return start;
    };
    for (const each of steps) {
      if ('free' in each) {
        const ignored = each.free + each.cnt > genirq.descs.nrIrqs;
        freeDescs(genirq, each.free, each.cnt);
        if (!ignored) for (let i = 0; i < each.cnt; i++) used.delete(each.free + i);
      } else {
        const expected = lowestRun(each.from, each.cnt);
        expect(allocDescs(genirq, -1, each.from, each.cnt, 0)).toBe(expected);
        for (let i = 0; i < each.cnt; i++) used.add(expected + i);
      }
    }
    expect([...genirq.descs].map((desc) => desc.irq)).toEqual([...used].sort((a, b) => a - b));
  }), { numRuns: 150, seed: 7 });
});
