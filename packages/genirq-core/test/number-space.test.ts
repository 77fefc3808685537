import { CpuMask, Smp } from '@irqchip/smp';
import { allocDesc, allocDescAt, allocDescFrom, allocDescs, DescTable, freeDesc, freeDescs, Genirq, getNextIrq, irqToDesc, MAX_SPARSE_IRQS } from '../src/index.ts';
import { codeOf } from './fixture.ts';

const machine = (nrIrqs = 64): Genirq => new Genirq(new Smp({ nrCpus: 4 }), { nrIrqs });

/** The search keeps one bit for each number, words of 32 of these, and a summary of full words: edges lie at these multiples. */
const EDGES = [31, 32, 33, 1023, 1024, 1025, 2047, 2048, 2049, 4096];

test.each(EDGES)('with %i numbers in use in a row, the next is the lowest free one, and freeing any gives that one back', (count) => {
  const genirq = machine();
  expect(allocDescs(genirq, -1, 0, count, 0)).toBe(0);
  expect([getNextIrq(genirq, count), irqToDesc(genirq, count), genirq.descs.nrIrqs]).toEqual([Math.max(count, 64), null, Math.max(count, 64)]);
  expect([allocDesc(genirq, 0), allocDescs(genirq, -1, 0, 3, 0)]).toEqual([count, count + 1]);
  for (const hole of [0, 30, count - 1]) {
    freeDesc(genirq, hole);
    expect(allocDescs(genirq, -1, 0, 2, 0)).toBeGreaterThan(count);
    expect(allocDesc(genirq, 0)).toBe(hole);
  }
});

test.each(EDGES)('from %i on, with nothing in use below or above, that number is free', (from) => {
  const genirq = machine();
  expect([allocDescFrom(genirq, from, 0), allocDescFrom(genirq, from, 0), getNextIrq(genirq, 0)]).toEqual([from, from + 1, from]);
  expect([...genirq.descs].map(({ irq }) => irq)).toEqual([from, from + 1]);
});

test('a run that would touch a number in use begins behind it', () => {
  const genirq = machine();
  for (const used of [33, 64, 1030]) allocDescAt(genirq, used, 0);
  expect([allocDescs(genirq, -1, 32, 2, 0), allocDescs(genirq, -1, 60, 5, 0), allocDescs(genirq, -1, 1000, 31, 0)]).toEqual([34, 65, 1031]);
});

test('interrupt 0 is a number like any other for whoever asks for it', () => {
  const genirq = machine();
  expect(codeOf(() => allocDescs(genirq, 0, 1, 1, 0))).toBe('EINVAL');
  expect(allocDescAt(genirq, 0, 0)).toBe(0);
  expect(codeOf(() => allocDescAt(genirq, 0, 0))).toBe('EEXIST');
  expect(codeOf(() => allocDescs(genirq, -1, 0, 2, 0, [{ mask: new CpuMask(4), isManaged: false }, { mask: new CpuMask(4, [1]), isManaged: false }]))).toBe('EINVAL');
});

test('one affinity for each interrupt: too few are refused, those beyond are not looked at', () => {
  const genirq = machine();
  const on = (cpu: number): { mask: CpuMask; isManaged: boolean } => ({ mask: new CpuMask(4, [cpu]), isManaged: false });
  const nowhere = { mask: new CpuMask(4), isManaged: false };
  expect(codeOf(() => allocDescs(genirq, -1, 0, 2, 0, [on(1)]))).toBe('EINVAL');
  expect([...genirq.descs]).toEqual([]);
  const irq = allocDescs(genirq, -1, 0, 2, 0, [on(1), on(2), nowhere]);
  expect([0, 1].map((i) => irqToDesc(genirq, irq + i)!.common.affinity.toList())).toEqual(['1', '2']);
});

test('freeing a range that is not inside the number space frees nothing', () => {
  const genirq = machine(8);
  allocDescs(genirq, 0, 0, 8, 0);
  for (const [from, cnt] of [[-1, 2], [8, 1], [6, 3], [9, 0]] as const) freeDescs(genirq, from, cnt);
  expect([...genirq.descs]).toHaveLength(8);
  freeDescs(genirq, 6, 2);
  expect([...genirq.descs].map(({ irq }) => irq)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a machine has at least one number and at most MAX_SPARSE_IRQS', () => {
  expect([1, MAX_SPARSE_IRQS].map((nr) => new DescTable(nr).nrIrqs)).toEqual([1, MAX_SPARSE_IRQS]);
  for (const nr of [0, -1, 1.5, MAX_SPARSE_IRQS + 1]) expect(codeOf(() => new DescTable(nr))).toBe('EINVAL');
  const table = new DescTable(4);
  table.expand(MAX_SPARSE_IRQS);
  expect(codeOf(() => table.expand(MAX_SPARSE_IRQS + 1))).toBe('ENOMEM');
  expect(table.nrIrqs).toBe(MAX_SPARSE_IRQS);
});
