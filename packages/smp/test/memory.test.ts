import { LocalMemory, type SharedWords } from '@irqchip/smp';

const BIT31 = 1 << 31;
let words: SharedWords;

beforeEach(() => {
  words = new LocalMemory().words('pending', 3);
});

test('words start at 0 and keep their name and number', () => {
  expect([words.name, words.length, words.readOnce(0), words.readOnce(2)]).toEqual(['pending', 3, 0, 0]);
});

test('two allocations share nothing', () => {
  const memory = new LocalMemory();
  const [a, b] = [memory.words('a', 1), memory.words('a', 1)];
  a.writeOnce(0, 5);
  expect(b.readOnce(0)).toBe(0);
});

test('each access touches one word only', () => {
  words.writeOnce(1, 7);
  words.fetchOr(1, 8);
  words.fetchAndNot(1, 1);
  words.fetchAdd(1, 1);
  expect([words.readOnce(0), words.readOnce(1), words.readOnce(2)]).toEqual([0, 15, 0]);
});

test('storeRelease and loadAcquire move the value', () => {
  words.storeRelease(2, -3);
  expect(words.loadAcquire(2)).toBe(-3);
});

test('values are signed 32-bit patterns: bit 31 makes them negative', () => {
  words.writeOnce(0, 2 ** 31);
  expect(words.readOnce(0)).toBe(BIT31);
  words.writeOnce(0, 2 ** 32 + 1);
  expect(words.readOnce(0)).toBe(1);
});

describe.each(['fetchOr', 'fetchOrRelaxed', 'fetchOrAcquire', 'fetchOrRelease'] as const)('%s', (op) => {
  test('returns what was there and sets the bits', () => {
    words.writeOnce(0, 0b0101);
    expect(words[op](0, 0b0110)).toBe(0b0101);
    expect(words.readOnce(0)).toBe(0b0111);
  });

  test('keeps bit 31 apart from the others', () => {
    expect(words[op](0, BIT31)).toBe(0);
    expect(words[op](0, 1)).toBe(BIT31);
    expect(words.readOnce(0)).toBe(BIT31 | 1);
  });
});

describe.each(['fetchAndNot', 'fetchAndNotRelaxed', 'fetchAndNotAcquire', 'fetchAndNotRelease'] as const)('%s', (op) => {
  test('returns what was there and clears the bits', () => {
    words.writeOnce(0, 0b0101);
    expect(words[op](0, 0b0110)).toBe(0b0101);
    expect(words.readOnce(0)).toBe(0b0001);
  });

  test('clears bit 31, and all bits at once', () => {
    words.writeOnce(0, -1);
    expect(words[op](0, BIT31)).toBe(-1);
    expect(words.readOnce(0)).toBe(0x7fffffff);
    expect(words[op](0, -1)).toBe(0x7fffffff);
    expect(words.readOnce(0)).toBe(0);
  });
});

describe.each(['fetchAdd', 'fetchAddRelaxed'] as const)('%s', (op) => {
  test('returns what was there and adds, wrapping as an int does', () => {
    words.writeOnce(0, 0x7fffffff);
    expect(words[op](0, 1)).toBe(0x7fffffff);
    expect(words.readOnce(0)).toBe(BIT31);
    expect(words[op](0, -1)).toBe(BIT31);
    expect(words.readOnce(0)).toBe(0x7fffffff);
  });
});

describe.each(['xchg', 'xchgRelaxed', 'xchgAcquire', 'xchgRelease'] as const)('%s', (op) => {
  test('returns what was there and stores the new value', () => {
    words.writeOnce(0, BIT31);
    expect(words[op](0, 9)).toBe(BIT31);
    expect(words.readOnce(0)).toBe(9);
  });
});

describe('cmpxchg', () => {
  test('stores when the word is as expected', () => {
    words.writeOnce(0, 4);
    expect(words.cmpxchg(0, 4, 5)).toBe(4);
    expect(words.readOnce(0)).toBe(5);
  });

  test('leaves another value alone and returns it', () => {
    words.writeOnce(0, 6);
    expect(words.cmpxchg(0, 4, 5)).toBe(6);
    expect(words.readOnce(0)).toBe(6);
  });

  test('takes the unsigned spelling of an expected bit 31', () => {
    words.writeOnce(0, BIT31);
    expect(words.cmpxchg(0, 2 ** 31, 1)).toBe(BIT31);
    expect(words.readOnce(0)).toBe(1);
  });
});

test('or and andNot change the word and return nothing', () => {
  expect(words.or(0, BIT31 | 3)).toBeUndefined();
  expect(words.andNot(0, 1)).toBeUndefined();
  expect(words.readOnce(0)).toBe(BIT31 | 2);
});

test('barriers leave every word as it is', () => {
  const memory = new LocalMemory();
  const own = memory.words('own', 1);
  own.writeOnce(0, BIT31);
  for (const barrier of ['smpMb', 'smpRmb', 'smpWmb', 'smpMbBeforeAtomic', 'smpMbAfterAtomic', 'mb', 'rmb', 'wmb'] as const) expect(memory[barrier]()).toBeUndefined();
  expect(own.readOnce(0)).toBe(BIT31);
});
