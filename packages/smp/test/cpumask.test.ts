import { CpuMask } from '@irqchip/smp';

const SIZES = [1, 31, 32, 33, 64, 4096];

describe.each(SIZES)('a mask of %i CPUs', (size) => {
  const last = size - 1;

  test('starts empty, and takes its first and its last CPU', () => {
    const mask = new CpuMask(size);
    expect([mask.isEmpty(), mask.weight(), mask.first(), mask.toList()]).toEqual([true, 0, size, '']);
    mask.set(0).set(last);
    expect([mask.test(0), mask.test(last), mask.isEmpty()]).toEqual([true, true, false]);
    expect([...mask]).toEqual(size === 1 ? [0] : [0, last]);
  });

  test('all() has every CPU and nothing above', () => {
    const mask = CpuMask.all(size);
    expect(mask.weight()).toBe(size);
    expect(mask.next(last)).toBe(size);
    expect(mask.toList()).toBe(size === 1 ? '0' : `0-${last}`);
  });

  test('of() has one CPU', () => {
    expect([...CpuMask.of(size, last)]).toEqual([last]);
  });

  test('clearing the last CPU leaves the others', () => {
    const mask = CpuMask.all(size).clear(last);
    expect([mask.test(last), mask.weight()]).toEqual([false, size - 1]);
  });

  test('a CPU outside is never a member and cannot be set or cleared', () => {
    const mask = CpuMask.all(size);
    for (const cpu of [-1, size, 2 ** 31]) {
      expect(mask.test(cpu)).toBe(false);
      expect(() => mask.set(cpu)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
      expect(() => mask.clear(cpu)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    }
    expect(() => mask.set(size)).toThrow(`CPU ${size} does not exist: this machine numbers its CPUs 0 to ${last}.`);
    expect(mask.weight()).toBe(size);
  });

  test('half a CPU is no CPU', () => {
    expect(() => new CpuMask(size).set(0.5)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});

test('a mask holds at least one CPU number, and a whole one', () => {
  for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new CpuMask(size)).toThrow(expect.objectContaining({ code: 'EINVAL', errno: -22 }));
});

test.each<[number, number[], string]>([
  [4, [], ''],
  [4, [0, 1, 2, 3], '0-3'],
  [4, [0, 2], '0,2'],
  [4, [1, 2], '1-2'],
  [9, [0, 1, 2, 3, 8], '0-3,8'],
  [33, [31, 32], '31-32'],
  [64, [30, 31, 32, 33, 63], '30-33,63'],
  [4096, [4095], '4095'],
])('%i CPUs with %j print as the list "%s"', (size, cpus, list) => {
  const mask = new CpuMask(size, cpus);
  expect(mask.toList()).toBe(list);
  expect(`${mask}`).toBe(list);
});

test.each<[number, number[], string]>([
  [1, [0], '1'],
  [1, [], '0'],
  [4, [0, 1, 2, 3], 'f'],
  [5, [0], '01'],
  [8, [7], '80'],
  [31, [30], '40000000'],
  [32, [31], '80000000'],
  [32, [0], '00000001'],
  [33, [32], '1,00000000'],
  [36, [35, 0], '8,00000001'],
  [37, [36], '10,00000000'],
  [64, [63, 31], '80000000,80000000'],
  [65, [64], '1,00000000,00000000'],
])('%i CPUs with %j print as the hexadecimal mask "%s"', (size, cpus, hex) => {
  expect(new CpuMask(size, cpus).toHex()).toBe(hex);
});

test('33 CPUs, all set, print as 1,ffffffff', () => {
  expect(CpuMask.all(33).toHex()).toBe('1,ffffffff');
});

test('4,096 CPUs print as 128 groups', () => {
  expect(CpuMask.all(4096).toHex()).toBe(Array.from({ length: 128 }, () => 'ffffffff').join(','));
});

test('a copy keeps its members when the original changes', () => {
  const original = CpuMask.of(40, 35);
  const copy = original.clone();
  original.clear(35).set(1);
  expect([...copy]).toEqual([35]);
  copy.copy(original);
  expect([...copy]).toEqual([1]);
  expect([...copy.clearAll()]).toEqual([]);
});

test('and, or, andNot give new masks and change neither side', () => {
  const left = new CpuMask(40, [0, 1, 33]);
  const right = new CpuMask(40, [1, 33, 39]);
  expect([[...left.and(right)], [...left.or(right)], [...left.andNot(right)]]).toEqual([[1, 33], [0, 1, 33, 39], [0]]);
  expect([left.toList(), right.toList()]).toEqual(['0-1,33', '1,33,39']);
});

describe('masks of different sizes', () => {
  const small = new CpuMask(4, [0, 3]);
  const large = new CpuMask(64, [0, 3, 5, 40]);

  test('the smaller one takes only the CPUs that it numbers', () => {
    expect(new CpuMask(4).copy(large).first()).toBe(0);
    expect(new CpuMask(4).copy(new CpuMask(64, [5, 40])).first()).toBe(4);
    expect(new CpuMask(4).copy(new CpuMask(64, [5, 40])).isEmpty()).toBe(true);
    expect(small.or(large).weight()).toBe(2);
  });

  test('a member above the smaller one makes them differ, whichever side asks', () => {
    expect([small.equals(large), large.equals(small)]).toEqual([false, false]);
    expect(new CpuMask(4, [1]).equals(new CpuMask(64, [1, 40]))).toBe(false);
    expect([small.isSubsetOf(large), large.isSubsetOf(small)]).toEqual([true, false]);
  });

  test('what they share is asked for in the CPUs that both number', () => {
    expect([small.intersects(large), large.intersects(small)]).toEqual([true, true]);
    expect(new CpuMask(64, [32, 40]).intersects(CpuMask.all(4))).toBe(false);
    expect([...new CpuMask(64, [3, 32]).and(CpuMask.all(4))]).toEqual([3]);
    expect([...new CpuMask(64, [3, 32]).or(CpuMask.all(2))]).toEqual([0, 1, 3, 32]);
  });

  test('the larger one takes a smaller one and loses what it had above', () => {
    expect([...large.clone().copy(small)]).toEqual([0, 3]);
    expect([...large.andNot(small)]).toEqual([5, 40]);
  });
});
