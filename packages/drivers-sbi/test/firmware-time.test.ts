import { SbiFirmware, type SbiEffects } from '../hardware/index.ts';
import { bench, type Bench } from './bench.ts';

const TIME = 0x54494d45;
const STIP = 5;
/** 10 MHz. */
const TICK = 100;

const pending = ({ lines }: Bench, hart = 0): boolean => lines.isPending(hart, STIP);

describe('kvm-unit-tests riscv/sbi.c: TIME', () => {
  test('set_timer fires once, not before its tick, and the pending bit is there for the handler', () => {
    const b = bench({ hartids: [0] });
    expect(b.firmware.forHart(0).ecall(TIME, 0, 50)).toBe(0);
    b.clock.advance(50 * TICK - 1);
    expect(pending(b)).toBe(false);
    b.clock.advance(1);
    expect(pending(b)).toBe(true);
  });

  test('-1 clears the pending bit and never fires', () => {
    const b = bench({ hartids: [0] });
    const sbi = b.firmware.forHart(0);
    sbi.ecall(TIME, 0, 1);
    b.clock.advance(10 * TICK);
    sbi.ecall(TIME, 0, -1);
    expect(pending(b)).toBe(false);
    b.clock.advance(1e15);
    expect(pending(b)).toBe(false);
  });

  test('0 is pending at once', () => {
    const b = bench({ hartids: [0] });
    b.clock.advance(1000);
    b.firmware.forHart(0).ecall(TIME, 0, 0);
    expect(pending(b)).toBe(true);
  });

  test('works while the timer is masked in sie: the bit does not depend on it', () => {
    const b = bench({ hartids: [0] });
    b.firmware.forHart(0).ecall(TIME, 0, 5);
    b.clock.advance(5 * TICK);
    expect(pending(b)).toBe(true);
  });

  test('a bad FID is NOT_SUPPORTED', () => {
    expect(bench({ hartids: [0] }).firmware.forHart(0).ecall(TIME, 0xbad, 0)).toBe(-2);
  });
});

test('a later set_timer replaces the earlier one', () => {
  const b = bench({ hartids: [0] });
  const sbi = b.firmware.forHart(0);
  sbi.ecall(TIME, 0, 10);
  sbi.ecall(TIME, 0, 30);
  b.clock.advance(20 * TICK);
  expect(pending(b)).toBe(false);
  b.clock.advance(10 * TICK);
  expect(pending(b)).toBe(true);
});

test('every hart has a timer of its own', () => {
  const b = bench({ hartids: [0, 1] });
  b.firmware.forHart(1).ecall(TIME, 0, 1);
  b.clock.advance(TICK);
  expect([pending(b, 0), pending(b, 1)]).toEqual([false, true]);
});

test('RV32 passes the time in two registers, low half first', () => {
  const b = bench({ hartids: [0], xlen: 32 });
  const sbi = b.firmware.forHart(0);
  sbi.ecall(TIME, 0, 0, 1);
  b.clock.advance(0xffff_ffff * TICK);
  expect(pending(b)).toBe(false);
  b.clock.advance(TICK);
  expect(pending(b)).toBe(true);
  sbi.ecall(TIME, 0, -1, -1);
  expect(pending(b)).toBe(false);
});

test('the legacy set_timer does the same', () => {
  const b = bench({ hartids: [0] });
  b.firmware.forHart(0).ecall(0, 0, 3);
  b.clock.advance(3 * TICK);
  expect(pending(b)).toBe(true);
});

test.each([32, 64] as const)('RV%i: all ones is never, everything below is a time', (xlen) => {
  const armed: number[] = [];
  const effects = { setTimer: (_hartid: number, ticks: number) => { armed.push(ticks); } } as unknown as SbiEffects;
  const sbi = new SbiFirmware(effects, { hartids: [0], xlen }).forHart(0);
  if (xlen === 32) sbi.ecall(TIME, 0, -1, -1);
  else sbi.ecall(TIME, 0, -1);
  sbi.ecall(TIME, 0, 0xffff_ffff, 0);
  expect(armed).toEqual([Infinity, 0xffff_ffff]);
});
