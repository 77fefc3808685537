import { CpuMask, Smp } from '@irqchip/smp';
import { IrqMatrix } from '../src/index.ts';
import { codeOf } from './bench.ts';

const on = (...list: number[]): CpuMask => new CpuMask(4, list);

/** Eight bits that may all be allocated: the range begins and ends where the bits do. */
function whole(online: readonly number[]): { m: IrqMatrix; warnings: () => number } {
  const { diagnostics } = new Smp({ nrCpus: 1 });
  const m = new IrqMatrix(4, 8, 0, 8, diagnostics);
  for (const cpu of online) m.online(cpu);
  return { m, warnings: () => diagnostics.take().length };
}

test.each([-1, 8, 9])('bit %i of eight cannot become a system bit', (bit) => {
  expect(codeOf(() => whole([]).m.assignSystem(bit))).toBe('EINVAL');
});

test('the first and the last bit are bits like any other', () => {
  const { m, warnings } = whole([]);
  m.assignSystem(0);
  m.assignSystem(7);
  m.online(0);
  expect([m.alloc(on(0)), m.available()]).toEqual([{ cpu: 0, bit: 1 }, 5]);
  const other = whole([0]);
  other.m.reserveManaged(on(0));
  expect([other.m.allocManaged(on(0)), other.m.alloc(on(0))]).toEqual([{ cpu: 0, bit: 0 }, { cpu: 0, bit: 1 }]);
  other.m.assign(0, 7);
  expect([other.m.allocated(0), other.warnings(), warnings()]).toEqual([3, 0, 0]);
});

test('a bit beyond the range is reported, and nothing is marked or given back', () => {
  const { diagnostics } = new Smp({ nrCpus: 1 });
  const m = new IrqMatrix(4, 16, 2, 8, diagnostics);
  m.online(0);
  m.assign(0, 8);
  m.assign(0, 1);
  m.free(0, 8);
  expect([m.allocated(0), m.available(), diagnostics.take().length]).toEqual([0, 6, 3]);
});

test('when every managed bit is allocated there is none to allocate or to take back', () => {
  const { m, warnings } = whole([0]);
  m.reserveManaged(on(0));
  m.allocManaged(on(0));
  expect(codeOf(() => m.allocManaged(on(0)))).toBe('ENOSPC');
  m.removeManaged(on(0));
  expect([warnings(), m.allocated(0)]).toEqual([1, 1]);
});

test('managed bits that are taken back can be allocated again, on CPUs that are online', () => {
  const { m, warnings } = whole([0, 1]);
  m.reserveManaged(on(0, 2));
  m.reserveManaged(on(0, 2));
  expect([m.available(), m.alloc(on(0, 1)).cpu]).toEqual([14, 1]);
  m.removeManaged(on(0, 2));
  m.removeManaged(on(0, 2));
  // CPU 0 has all its eight again, CPU 1 seven: the next goes to CPU 0.
  expect([m.available(), m.alloc(on(0, 1)).cpu]).toEqual([15, 0]);
  m.online(2);
  expect([m.available(), m.alloc(on(2)).bit, warnings()]).toEqual([22, 0, 0]);
});

test('what is left without a CPU that goes down, CPU 0 included', () => {
  const { m } = whole([0, 1]);
  m.alloc(on(1));
  expect([m.available(), m.available(0), m.available(1)]).toEqual([15, 7, 8]);
});
