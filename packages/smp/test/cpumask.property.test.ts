import fc from 'fast-check';
import { CpuMask } from '@irqchip/smp';

const pair = fc.constantFrom(1, 31, 32, 33, 64, 100, 4096).chain((size) => {
  const cpus = fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 80 });
  return fc.record({ size: fc.constant(size), left: cpus, right: cpus });
});
const ascending = (cpus: Iterable<number>): number[] => [...cpus].sort((a, b) => a - b);

/** 0-3,8 -> 0 1 2 3 8 */
function parseList(text: string): number[] {
  return text === '' ? [] : text.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, index) => from! + index);
  });
}

test('a mask is the set of the CPUs put into it', () => {
  fc.assert(fc.property(pair, ({ size, left }) => {
    const mask = new CpuMask(size, left);
    expect([...mask]).toEqual(ascending(left));
    expect(mask.weight()).toBe(left.length);
    expect(mask.first()).toBe(ascending(left)[0] ?? size);
  }));
});

test('set operations agree with those on sets', () => {
  fc.assert(fc.property(pair, ({ size, left, right }) => {
    const [a, b] = [new CpuMask(size, left), new CpuMask(size, right)];
    const model = new Set(right);
    expect([...a.and(b)]).toEqual(ascending(left.filter((cpu) => model.has(cpu))));
    expect([...a.andNot(b)]).toEqual(ascending(left.filter((cpu) => !model.has(cpu))));
    expect([...a.or(b)]).toEqual(ascending(new Set([...left, ...right])));
    expect(a.intersects(b)).toBe(left.some((cpu) => model.has(cpu)));
    expect(a.isSubsetOf(b)).toBe(left.every((cpu) => model.has(cpu)));
    expect(a.equals(b)).toBe(left.length === right.length && left.every((cpu) => model.has(cpu)));
    expect(a.equals(new CpuMask(size, left.toReversed()))).toBe(true);
  }));
});

test('next() is the lowest member above', () => {
  fc.assert(fc.property(pair, fc.nat({ max: 4095 }), ({ size, left }, cpu) => {
    expect(new CpuMask(size, left).next(cpu)).toBe(ascending(left).find((other) => other > cpu) ?? size);
  }));
});

test('any order of set and clear ends where the set ends', () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), cpu: fc.nat({ max: 69 }) }), { maxLength: 200 });
  fc.assert(fc.property(steps, (list) => {
    const mask = new CpuMask(70);
    const model = new Set<number>();
    for (const { add, cpu } of list) {
      if (add) { mask.set(cpu); model.add(cpu); } else { mask.clear(cpu); model.delete(cpu); }
    }
    expect([...mask]).toEqual(ascending(model));
    expect(mask.isEmpty()).toBe(model.size === 0);
  }));
});

test('the list names the members, with every run of them folded', () => {
  fc.assert(fc.property(pair, ({ size, left }) => {
    const list = new CpuMask(size, left).toList();
    expect(parseList(list)).toEqual(ascending(left));
    const starts = ascending(left).filter((cpu) => !left.includes(cpu - 1));
    expect(list === '' ? 0 : list.split(',').length).toBe(starts.length);
  }));
});

test('the hexadecimal mask is the number whose bits are the members, in the digits that the size needs', () => {
  fc.assert(fc.property(pair, ({ size, left }) => {
    const hex = new CpuMask(size, left).toHex();
    const value = left.reduce((sum, cpu) => sum | (1n << BigInt(cpu)), 0n);
    expect(BigInt(`0x${hex.replaceAll(',', '')}`)).toBe(value);
    expect(hex.replaceAll(',', '')).toHaveLength(Math.ceil(size / 4));
    expect(hex.split(',').slice(1).every((group) => group.length === 8)).toBe(true);
  }));
});
