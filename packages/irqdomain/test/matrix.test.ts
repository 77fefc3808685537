import fc from 'fast-check';
import { CpuMask, Smp } from '@irqchip/smp';
import { IrqMatrix } from '../src/index.ts';
import { codeOf } from './bench.ts';

const { diagnostics } = new Smp({ nrCpus: 1 });
const on = (...list: number[]): CpuMask => new CpuMask(4, list);
const ALL = on(0, 1, 2, 3);

function matrix(online: readonly number[] = [0, 1, 2, 3]): IrqMatrix {
  const m = new IrqMatrix(4, 16, 2, 8, diagnostics);
  for (const cpu of online) m.online(cpu);
  return m;
}

afterEach(() => { expect(diagnostics.take()).toEqual([]); });

test('each allocation goes to the CPU that has most left, the first of equal ones, and its lowest bit', () => {
  const m = matrix();
  expect([1, 2, 3, 4, 5].map(() => m.alloc(ALL)).map(({ cpu, bit }) => `${cpu}:${bit}`)).toEqual(['0:2', '1:2', '2:2', '3:2', '0:3']);
  m.free(0, 2);
  expect([m.alloc(on(0)), m.alloc(on(2, 3))]).toEqual([{ cpu: 0, bit: 2 }, { cpu: 2, bit: 3 }]);
});

test('only online CPUs of the mask are asked', () => {
  const m = matrix([1, 2]);
  expect(m.alloc(on(0, 2, 3))).toEqual({ cpu: 2, bit: 2 });
  expect(codeOf(() => m.alloc(on(0, 3)))).toBe('ENOSPC');
  expect(codeOf(() => m.alloc(on()))).toBe('EINVAL');
});

test('when every bit of the mask is allocated: ENOSPC, and nothing changes', () => {
  const m = matrix([0]);
  for (let i = 0; i < 6; i++) m.alloc(on(0));
  expect(codeOf(() => m.alloc(on(0)))).toBe('ENOSPC');
  expect([m.globalAvailable, m.totalAllocated, m.allocated(0)]).toEqual([0, 6, 6]);
});

test('system bits are nobody\'s, and come off what is available when inside the range', () => {
  const m = new IrqMatrix(4, 16, 2, 8);
  m.assignSystem(0);
  m.assignSystem(2);
  m.online(0);
  expect([m.globalAvailable, m.alloc(on(0)).bit, m.systemMap.toList()]).toEqual([5, 3, '0,2']);
});

test('a system bit may replace an allocated one while one CPU is online, and is refused where the kernel stops', () => {
  const m = matrix([0]);
  m.alloc(on(0));
  m.assignSystem(2, true);
  expect([m.totalAllocated, m.allocated(0), m.alloc(on(0)).bit]).toEqual([0, 0, 3]);
  expect([codeOf(() => m.assignSystem(5)), codeOf(() => m.assignSystem(5, true)), codeOf(() => m.assignSystem(16))]).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
  m.online(1);
  expect(codeOf(() => m.assignSystem(3, true))).toBe('EINVAL');
});

test('a CPU that comes back still has its allocations', () => {
  const m = matrix();
  m.alloc(on(1));
  m.alloc(on(1));
  m.offline(1);
  expect([m.globalAvailable, m.onlineMaps, m.totalAllocated]).toEqual([18, 3, 2]);
  m.free(1, 2);
  expect([m.totalAllocated, m.globalAvailable]).toEqual([2, 18]);
  m.online(1);
  expect([m.globalAvailable, m.cpu(1).available]).toEqual([23, 5]);
  expect(codeOf(() => m.online(1))).toBe('EINVAL');
});

test('what is left when a CPU goes', () => {
  const m = matrix();
  m.alloc(on(2));
  expect([m.available(), m.available(2), m.available(3)]).toEqual([23, 18, 17]);
});

test('freeing or assigning wrongly is reported once and changes nothing', () => {
  const m = matrix();
  m.assign(0, 4);
  const before = JSON.stringify(m.debugShow(1, ALL));
  m.free(0, 3);
  m.free(0, 3);
  m.free(0, 9);
  m.assign(0, 4);
  m.assign(0, 1);
  expect(diagnostics.take().map(({ message }) => message)).toEqual([
    'irq_matrix_free: bit 3 of CPU 0 is free', 'irq_matrix_free: bit 9 is outside 2-7',
    'irq_matrix_assign: bit 4 of CPU 0 is allocated', 'irq_matrix_assign: bit 1 is outside 2-7',
  ]);
  expect(JSON.stringify(m.debugShow(1, ALL))).toBe(before);
});

test('announced allocations are counted, and too many are told', () => {
  const m = new IrqMatrix(1, 4, 0, 2);
  m.online(0);
  expect([m.reserve(), m.reserve(), m.reserve(), m.globalReserved]).toEqual([true, true, false, 3]);
  m.removeReserved();
  m.alloc(CpuMask.of(1, 0), true);
  expect(m.globalReserved).toBe(1);
});

describe('managed bits', () => {
  test('are set aside on every CPU, and the last of equally used CPUs gets the allocation', () => {
    const m = matrix();
    m.reserveManaged(on(0, 1));
    m.reserveManaged(on(0, 1));
    expect([m.globalAvailable, m.cpu(0).managed]).toEqual([20, 2]);
    expect([m.allocManaged(on(0, 1)), m.allocManaged(on(0, 1)), m.alloc(on(0)).bit]).toEqual([{ cpu: 1, bit: 2 }, { cpu: 0, bit: 2 }, 4]);
    expect([m.globalAvailable, m.cpu(0).managedAllocated, m.totalAllocated]).toEqual([19, 1, 3]);
    m.free(0, 2, true);
    expect([m.globalAvailable, m.cpu(0).available, m.cpu(0).managedAllocated]).toEqual([19, 3, 0]);
  });

  test('can be set aside on an offline CPU, which then comes up with fewer', () => {
    const m = matrix([0]);
    m.reserveManaged(on(0, 3));
    m.online(3);
    expect(m.cpu(3).available).toBe(5);
  });

  test('are all given up when one CPU has none left', () => {
    const m = matrix();
    for (let i = 0; i < 6; i++) m.alloc(on(2));
    expect(codeOf(() => m.reserveManaged(ALL))).toBe('ENOSPC');
    expect([m.cpu(0).managed, m.cpu(1).managed, m.globalAvailable]).toEqual([0, 0, 18]);
  });

  test('run out, and cannot be allocated for nobody', () => {
    const m = matrix([0]);
    expect([codeOf(() => m.allocManaged(on(0))), codeOf(() => m.allocManaged(on())), codeOf(() => m.allocManaged(on(3)))]).toEqual(['ENOSPC', 'EINVAL', 'ENOSPC']);
    m.removeManaged(on(0));
    expect(diagnostics.take()).toHaveLength(1);
  });
});

test('the table is indented by one column at least, the sums never are', () => {
  const m = matrix([0, 1]);
  m.alloc(on(1));
  expect(m.debugShow(0, on(1))).toEqual(m.debugShow(1, on(1)));
  expect(m.debugShow(3, on(1)).slice(3)).toEqual(['Total allocated:       1', 'System: 0: ', '   | CPU | avl | man | mac | act | vectors', '       1     5     0     0    1  2']);
});

test('a range outside the bits is refused, and so is a CPU that does not exist', () => {
  expect([[0, 17], [3, 3], [-1, 2]].map(([from, to]) => codeOf(() => new IrqMatrix(1, 16, from!, to!)))).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
  expect(codeOf(() => matrix().alloc(new CpuMask(9, [8])))).toBe('EINVAL');
});

test('the sums hold after any sequence of operations', () => {
  const step = fc.record({ op: fc.constantFrom('alloc', 'free', 'online', 'offline', 'managed', 'allocManaged'), cpu: fc.nat(3), mask: fc.uniqueArray(fc.nat(3)), pick: fc.nat(99) });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const m = matrix([0, 1]);
    const held: { cpu: number; bit: number; managed: boolean }[] = [];
    for (const { op, cpu, mask, pick } of steps) {
      const target = on(...mask);
      if (op === 'alloc') codeOf(() => held.push({ ...m.alloc(target), managed: false }));
      if (op === 'allocManaged') codeOf(() => held.push({ ...m.allocManaged(target), managed: true }));
      if (op === 'managed' && mask.every((n) => m.cpu(n).online || !m.cpu(n).initialized)) codeOf(() => m.reserveManaged(target));
      if (op === 'online' && !m.cpu(cpu).online) m.online(cpu);
      if (op === 'offline' && m.cpu(cpu).online) m.offline(cpu);
      if (op === 'free' && held.length > 0) {
        const [gone] = held.splice(pick % held.length, 1);
        m.free(gone!.cpu, gone!.bit, gone!.managed);
      }
      const parts = [0, 1, 2, 3].map((n) => m.cpu(n));
      expect(m.globalAvailable).toBe(parts.filter((p) => p.online).reduce((sum, p) => sum + p.available, 0));
      for (const p of parts.filter(({ initialized }) => initialized)) {
        expect(p.allocMap.or(p.managedMap).weight()).toBe(6 - p.available);
        expect(p.allocated).toBe(p.allocMap.weight());
      }
    }
    expect(new Set(held.map(({ cpu, bit }) => cpu * 16 + bit)).size).toBe(held.length);
  }), { seed: 20, numRuns: 200 });
});
