import fc from 'fast-check';
import { clintModel } from '@irqchip/drivers-clint/hardware';
import { clintContext, makeClint, MSI, MTI, Wires } from './wires.ts';
import { TestClock } from './device-clock.ts';

const CMP = 0x4000;
const TIME = 0xbff8;

describe('MSIP', () => {
  test('only bit 0 counts, and reads back', () => {
    const { clint, wires } = makeClint([0, 1]);
    clint.write(4, 4, 0xfffffffe | 0);
    expect([clint.read(4, 4), wires.level(1, MSI)]).toEqual([0, false]);
    clint.write(4, 4, -1);
    expect([clint.read(4, 4), wires.level(1, MSI), wires.level(0, MSI)]).toEqual([1, true, false]);
    clint.write(4, 4, 0);
    expect(wires.level(1, MSI)).toBe(false);
  });

  test('the index is the position in interrupts-extended, not the hartid', () => {
    const { clint, wires } = makeClint([7, 3]);
    clint.write(0, 4, 1);
    expect([wires.level(7, MSI), wires.level(3, MSI)]).toEqual([true, false]);
    clint.write(4 * 3, 4, 1);
    expect(wires.level(3, MSI)).toBe(false);
  });

  test('an entry without a hart takes an index and drives nothing', () => {
    const { clint, wires } = makeClint([null, 5]);
    clint.write(0, 4, 1);
    expect(wires.level(5, MSI)).toBe(false);
    clint.write(4, 4, 1);
    expect(wires.level(5, MSI)).toBe(true);
  });

  test('indexes beyond the harts and the reserved one read 0 and drop writes', () => {
    const { clint } = makeClint([0]);
    for (const offset of [4, 0x3ffc, 0xc000, 0xfffc]) {
      clint.write(offset, 4, 1);
      expect(clint.read(offset, 4)).toBe(0);
    }
  });

  test('narrow accesses are refused', () => {
    const { clint, wires } = makeClint([0]);
    clint.write(0, 1, 1);
    clint.write(0, 2, 1);
    expect(wires.level(0, MSI)).toBe(false);
    clint.write(0, 4, 1);
    expect([clint.read(0, 1), clint.read(0, 2), clint.read(0, 4)]).toEqual([0, 0, 1]);
  });
});

describe('MTIMER', () => {
  test('MTIP rises at the tick of the comparator and stays up', () => {
    const { clint, wires, clock } = makeClint([0]);
    clint.write(CMP, 4, 5);
    expect(wires.level(0, MTI)).toBe(false);
    clock.advance(499);
    expect(wires.level(0, MTI)).toBe(false);
    clock.advance(1);
    expect(wires.level(0, MTI)).toBe(true);
    clock.advance(1e9);
    expect(wires.level(0, MTI)).toBe(true);
  });

  test('the comparison is unsigned in all 64 bits', () => {
    const { clint, wires } = makeClint([0]);
    clint.write(CMP, 8, 0);
    clint.write(CMP + 4, 8, 0x80000000 | 0);
    expect(wires.level(0, MTI)).toBe(false);
    clint.write(TIME, 8, -1);
    clint.write(TIME + 4, 8, 0x7fffffff);
    expect(wires.level(0, MTI)).toBe(false);
    clint.write(TIME + 4, 4, -1);
    expect(wires.level(0, MTI)).toBe(true);
  });

  test('a counter that wraps around takes the interrupt away', () => {
    const { clint, wires, clock } = makeClint([0]);
    clint.write(CMP, 8, 3);
    clint.write(CMP + 4, 8, 0);
    clint.write(TIME, 8, -1);
    clint.write(TIME + 4, 8, -1);
    expect(wires.level(0, MTI)).toBe(true);
    clock.advance(100);
    expect([wires.level(0, MTI), clint.read(TIME, 4), clint.read(TIME + 4, 4)]).toEqual([false, 0, 0]);
    clock.advance(300);
    expect(wires.level(0, MTI)).toBe(true);
  });

  test('an 8-byte read sees one moment, although time passes between its halves', () => {
    const { clint, clock } = makeClint([0]);
    clint.write(TIME, 8, -1);
    clint.write(TIME + 4, 8, 1);
    expect(clint.read(TIME, 8)).toBe(-1);
    clock.advance(100);
    expect(clint.read(TIME + 4, 8)).toBe(1);
    expect([clint.read(TIME, 4), clint.read(TIME + 4, 4)]).toEqual([0, 2]);
  });

  test('an 8-byte write takes effect at once, two 4-byte writes one after the other', () => {
    const { clint, wires } = makeClint([0], { mtimecmpReset: 'ones' });
    clint.write(TIME, 4, 100);
    clint.write(CMP, 8, 50);
    clint.write(CMP + 4, 8, 1);
    expect(wires.level(0, MTI)).toBe(false);
    clint.write(CMP + 4, 4, 0);
    expect(wires.level(0, MTI)).toBe(true);
  });

  test('reset is pending with 0 and quiet with all ones', () => {
    expect(makeClint([0]).wires.level(0, MTI)).toBe(true);
    expect(makeClint([0], { mtimecmpReset: 'ones' }).wires.level(0, MTI)).toBe(false);
  });

  test('no more than one alarm a hart is armed', () => {
    const { clint, clock } = makeClint([0, 1]);
    for (let i = 1; i < 20; i++) clint.write(CMP, 4, i * 1000);
    expect(clock.armed).toBeLessThanOrEqual(2);
  });

  test('level and counter agree with 64-bit arithmetic, whatever is written when, at any timebase', () => {
    const u64 = fc.oneof(fc.bigInt(0n, 2000n), fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt((1n << 64n) - 2000n, (1n << 64n) - 1n));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('cmp' as const), value: u64 }),
      fc.record({ kind: fc.constant('time' as const), value: u64 }),
      fc.record({ kind: fc.constant('advance' as const), value: fc.bigInt(0n, 2_000_000n) }),
    );
    fc.assert(fc.property(fc.constantFrom(32768, 1_000_000, 10_000_000, 24_000_000, 999_999_937), fc.array(step, { maxLength: 30 }), (hz, script) => {
      const { clint, wires, clock } = makeClint([0], {}, hz);
      let cmp = 0n;
      let offset = 0n;
      for (const { kind, value } of script) {
        const ticks = (BigInt(clock.nowNs()) * BigInt(hz)) / 1_000_000_000n;
        if (kind === 'advance') clock.advance(Number(value));
        else {
          clint.write(kind === 'cmp' ? CMP : TIME, 8, Number(BigInt.asIntN(32, value)));
          clint.write((kind === 'cmp' ? CMP : TIME) + 4, 8, Number(BigInt.asIntN(32, value >> 32n)));
          if (kind === 'cmp') cmp = value;
          else offset = value - ticks;
        }
        const now = BigInt.asUintN(64, (BigInt(clock.nowNs()) * BigInt(hz)) / 1_000_000_000n + offset);
        expect(BigInt(clint.read(TIME, 8) >>> 0) | (BigInt(clint.read(TIME + 4, 8) >>> 0) << 32n)).toBe(now);
        expect(wires.level(0, MTI)).toBe(now >= cmp);
      }
    }), { seed: 11, numRuns: 150 });
  });
});

describe('posted clears', () => {
  test('a clear waits for the next read of the device', () => {
    const { clint, wires } = makeClint([0], { posted: true });
    clint.write(0, 4, 1);
    clint.write(0, 4, 0);
    expect([wires.level(0, MSI), clint.postedCount]).toEqual([true, 1]);
    expect(clint.read(0, 4)).toBe(0);
    expect([wires.level(0, MSI), clint.postedCount]).toEqual([false, 0]);
  });

  test('a late clear takes away a set that overtook it', () => {
    const { clint, wires } = makeClint([0], { posted: true });
    clint.write(0, 4, 1);
    clint.write(0, 4, 0);
    clint.write(0, 4, 1);
    clint.flush();
    expect(wires.level(0, MSI)).toBe(false);
  });

  test('without the option a clear is immediate', () => {
    const { clint, wires } = makeClint([0]);
    clint.write(0, 4, 1);
    clint.write(0, 4, 0);
    expect([wires.level(0, MSI), clint.postedCount]).toEqual([false, 0]);
  });
});

test('the model takes its switches from the context and offers one device for the one region', () => {
  const wires = new Wires();
  const clint = clintModel.create(clintContext([0], wires, new TestClock(), { posted: true }));
  clint.write(0, 4, 1);
  clint.write(0, 4, 0);
  expect(clint.postedCount).toBe(1);
  expect(clint.devices).toEqual([clint]);
  expect(clintModel.compatible).toEqual(['riscv,clint0', 'sifive,clint0']);
});
