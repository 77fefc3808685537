/**
 * The model against recordings of QEMU 10.0.2's IMSIC (taken through qtest, device model unmodified; testdata/qemu).
 * The random ones keep to what the specification leaves no choice in.
 */
import { readTrace } from './qtest-trace.ts';
import { replay } from './replay.ts';

test.each(['imsic-rand-101', 'imsic-rand-102', 'imsic-rand-103'])('%s: every read and every line agrees', (name) => {
  const { header, steps } = readTrace(name);
  const { compared, differences } = replay(header, steps);
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(10_000);
});

describe('imsic-directed', () => {
  const { header, steps } = readTrace('imsic-directed');
  /** The script repeats itself every 136 steps for each of the eight interrupt files. */
  const inEveryFile = (from: number, to: number): number[] => Array.from({ length: 8 }, (_, file) => file * 136)
    .flatMap((base) => Array.from({ length: to - from + 1 }, (_, k) => base + from + k));
  const differing = (options: { seteipnumBe?: boolean }): number[] => [...new Set(replay(header, steps, options).differences.map(({ step }) => step))];

  test('differs from QEMU only where QEMU splits an 8-byte store into two of 4 bytes; the specification ignores it', () => {
    expect(steps.filter(({ i }) => i === 120).map(({ op, value }) => [op, value])).toEqual([['writeq', '0x7']]);
    expect(differing({ seteipnumBe: false })).toEqual(inEveryFile(120, 121));
  });

  test('differs, with seteipnum_be, from the store to it until the claim; QEMU ignores that register', () => {
    expect(steps.filter(({ i }) => i === 112).map(({ reg, value }) => [reg, value])).toEqual([['setipnum_be[0]', '0x7000000']]);
    const steps112 = differing({}).filter((step) => step < 136);
    expect(steps112).toEqual([112, 113, 114, 115, 116, 117, 118, 119]);
    expect(differing({}).length).toBe(8 * steps112.length);
  });
});
