import fc from 'fast-check';
import { bits, lowestBit, PerCpu, serviceToken, Smp, SMP } from '@irqchip/smp';

describe('bits', () => {
  test.each<[string, number, number[]]>([
    ['nothing', 0, []],
    ['bit 0', 1, [0]],
    ['bit 31', 1 << 31, [31]],
    ['bit 31 written unsigned', 2 ** 31, [31]],
    ['some', 0b1010_0001, [0, 5, 7]],
    ['all', -1, Array.from({ length: 32 }, (_, bit) => bit)],
  ])('%s', (_name, word, expected) => {
    expect([...bits(word)]).toEqual(expected);
  });

  test('put together again they are the word, and the first is the lowest', () => {
    fc.assert(fc.property(fc.integer(), (word) => {
      expect([...bits(word)].reduce((sum, bit) => sum | (1 << bit), 0)).toBe(word);
      if (word !== 0) expect(lowestBit(word)).toBe([...bits(word)][0]);
    }));
  });

  test('the lowest bit of bit 31 alone is 31', () => {
    expect([lowestBit(1 << 31), lowestBit(2 ** 31), lowestBit(1)]).toEqual([31, 31, 0]);
  });
});

describe('PerCpu', () => {
  test('makes a CPU\'s value when it is first asked for, and only then', () => {
    const made: number[] = [];
    const data = new PerCpu((cpu) => { made.push(cpu); return { cpu }; });
    expect(made).toEqual([]);
    expect(data.get(3)).toEqual({ cpu: 3 });
    expect(data.get(3)).toBe(data.get(3));
    expect(made).toEqual([3]);
  });

  test('CPUs have values of their own', () => {
    const data = new PerCpu(() => 0);
    data.set(1, 7);
    expect([data.get(0), data.get(1)]).toEqual([0, 7]);
  });

  test('null, 0 and false are values like others', () => {
    for (const value of [null, 0, false]) {
      const data = new PerCpu((): number | boolean | null => 1);
      data.set(0, value);
      expect(data.get(0)).toBe(value);
    }
  });
});

test('a service token is the same symbol wherever it is named', () => {
  expect(serviceToken('cpuhp', 'CpuHotplug')).toBe(Symbol.for('@irqchip/cpuhp/CpuHotplug'));
  expect(SMP).toBe(Symbol.for('@irqchip/smp/Smp'));
});

test('a machine made of nothing but a number of CPUs stands at time 0 and fails no allocation', () => {
  const smp = new Smp({ nrCpus: 4 });
  expect([smp.cpus.nrCpuIds, smp.clock.nowNs(), smp.log.records, smp.diagnostics.open]).toEqual([4, 0, [], []]);
  expect(() => { smp.faults.check('irq_desc'); }).not.toThrow();
});

test('a machine takes the memory it is given', () => {
  const memory = new Smp({ nrCpus: 1 }).memory;
  expect(new Smp({ nrCpus: 1, memory }).memory).toBe(memory);
});
