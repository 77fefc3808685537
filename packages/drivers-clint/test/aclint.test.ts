/** The separate devices of the ACLINT specification, 1.0-rc4. MSIP, MTIMECMP and MTIME themselves: see hardware.test.ts, which is of the same registers in a CLINT. */
import { Mswi, mswiModel, Mtimer, mtimerModel, Sswi, sswiModel, type ClintOptions } from '@irqchip/drivers-clint/hardware';
import type { HardwareContext, HartLines } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';
import { fakeNode } from '@irqchip/test-support';
import { TestClock } from './device-clock.ts';

/** Wires, and pulses in order. */
class Lines implements HartLines {
  readonly levels = new Map<string, boolean>();
  readonly pulses: string[] = [];
  setLine(hartid: number, irq: number, level: boolean): void { this.levels.set(`${hartid}/${irq}`, level); }
  pend(hartid: number, irq: number): void { this.pulses.push(`${hartid}/${irq}`); }
  clearPend(): void { throw new Error('no device takes a software bit away'); }
  isPending(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}/${irq}`) ?? false; }
  attachCsr(): void { throw new Error('no ACLINT device has a CSR'); }
}

type Properties = Record<string, readonly (number | string)[]>;

function context(irq: number, hartids: readonly (number | null)[], { properties = {}, regions = 1, clock = new TestClock() }: { properties?: Properties; regions?: number; clock?: TestClock } = {}): HardwareContext & { lines: Lines } {
  return {
    node: fakeNode('/soc/aclint', properties), regions: Array.from({ length: regions }, (_, i) => ({ base: 0x2000000 + 0x10000 * i, size: 0x8000 })),
    targets: hartids.map((hartid) => ({ hartid, irq })), lines: new Lines(), hartids: hartids.filter((hartid) => hartid !== null), clock,
    output: () => undefined, dma: { write32: () => false }, peer: () => null, xlen: 64, options: {},
  };
}

const four = (device: MmioDevice, offset: number): number => device.read(offset, 4);

describe('MSWI (section 3)', () => {
  test('MSIP of index i is at 4·i: bit 0 drives the line, the others are tied to 0, reset is 0', () => {
    const ctx = context(3, [4, 7]);
    const mswi = new Mswi(ctx);
    expect([four(mswi, 0), four(mswi, 4)]).toEqual([0, 0]);
    mswi.write(4, 4, -1);
    expect([four(mswi, 4), ctx.lines.isPending(7, 3), ctx.lines.isPending(4, 3)]).toEqual([1, true, false]);
    mswi.write(4, 4, -2);
    expect([four(mswi, 4), ctx.lines.isPending(7, 3)]).toEqual([0, false]);
  });

  test('4095 harts; the register after the last is reserved', () => {
    const ctx = context(3, Array.from({ length: 4097 }, (_, hart) => hart));
    const mswi = new Mswi(ctx);
    mswi.write(4 * 4094, 4, 1);
    mswi.write(0x3ffc, 4, 1);
    mswi.write(0x4000, 4, 1);
    expect([ctx.lines.isPending(4094, 3), ctx.lines.isPending(4095, 3), ctx.lines.isPending(4096, 3), four(mswi, 0x3ffc)]).toEqual([true, false, false, 0]);
  });

  test('an entry that names no hart keeps its register, and it drives nothing', () => {
    const ctx = context(3, [null, 5]);
    const mswi = new Mswi(ctx);
    mswi.write(0, 4, 1);
    mswi.write(4, 4, 1);
    expect([[...ctx.lines.levels.keys()], four(mswi, 0)]).toEqual([['5/3'], 1]);
  });

  test('narrow accesses do nothing', () => {
    const ctx = context(3, [0]);
    const mswi = new Mswi(ctx);
    for (const width of [1, 2]) mswi.write(0, width, 1);
    expect(four(mswi, 0)).toBe(0);
    mswi.write(0, 4, 1);
    expect([mswi.read(0, 1), mswi.read(0, 2), four(mswi, 0)]).toEqual([0, 0, 1]);
  });

  test('posted: a clear waits for the next read', () => {
    const ctx = context(3, [0]);
    const mswi = new Mswi(ctx, { posted: true });
    mswi.write(0, 4, 1);
    mswi.write(0, 4, 0);
    expect(ctx.lines.isPending(0, 3)).toBe(true);
    mswi.flush();
    expect(ctx.lines.isPending(0, 3)).toBe(false);
  });
});

describe('MTIMER (section 2)', () => {
  const make = (options: ClintOptions = {}, hartids: readonly number[] = [0, 1]): { time: MmioDevice; compare: MmioDevice; clock: TestClock; up: (hart: number) => boolean } => {
    const clock = new TestClock();
    const ctx = context(7, hartids, { regions: 2, clock });
    const [time, compare] = new Mtimer(ctx, options).devices;
    return { time: time!, compare: compare!, clock, up: (hart) => ctx.lines.isPending(hart, 7) };
  };
  const set = (device: MmioDevice, offset: number, value: bigint): void => {
    device.write(offset, 8, Number(BigInt.asIntN(32, value)));
    device.write(offset + 4, 8, Number(BigInt.asIntN(32, value >> 32n)));
  };
  const get = (device: MmioDevice, offset = 0): bigint => BigInt(device.read(offset, 8) >>> 0) | (BigInt(device.read(offset + 4, 8) >>> 0) << 32n);

  test('MTIME is 0 at reset and counts at the timebase', () => {
    const { time, clock } = make();
    expect(get(time)).toBe(0n);
    clock.advance(1_000_050);
    expect(get(time)).toBe(10_000n);
  });

  test('the interrupt of index i is pending while MTIME ≥ MTIMECMP[i], and not while it is less', () => {
    const { time, compare, clock, up } = make({ mtimecmpReset: 'ones' });
    set(compare, 8, 10n);
    clock.advance(999);
    expect([up(0), up(1)]).toEqual([false, false]);
    clock.advance(1);
    expect([up(0), up(1)]).toEqual([false, true]);
    set(time, 0, 9n);
    expect(up(1)).toBe(false);
    set(compare, 8, 9n);
    expect(up(1)).toBe(true);
  });

  test('what MTIMECMP is at reset is a switch', () => {
    expect([get(make().compare), make().up(0), get(make({ mtimecmpReset: 'ones' }).compare), make({ mtimecmpReset: 'ones' }).up(0)]).toEqual([0n, true, (1n << 64n) - 1n, false]);
  });

  test('4095 comparators, and nothing behind them', () => {
    const { compare, up } = make({ mtimecmpReset: 'ones' }, Array.from({ length: 4100 }, (_, hart) => hart));
    set(compare, 8 * 4094, 0n);
    set(compare, 8 * 4095, 0n);
    expect([up(4094), up(4095), get(compare, 8 * 4094), get(compare, 8 * 4095)]).toEqual([true, false, 0n, 0n]);
  });

  test('narrow accesses do nothing', () => {
    const { time, compare } = make({ mtimecmpReset: 'ones' });
    for (const width of [1, 2]) {
      time.write(0, width, 5);
      compare.write(0, width, 5);
      expect([time.read(0, width), compare.read(0, width)]).toEqual([0, 0]);
    }
    expect([get(time), get(compare)]).toEqual([0n, (1n << 64n) - 1n]);
  });

  test('a write to one half of MTIME keeps the other', () => {
    const { time } = make();
    set(time, 0, 0x5_0000_0007n);
    time.write(0, 4, 9);
    expect(get(time)).toBe(0x5_0000_0009n);
    time.write(4, 4, 6);
    expect(get(time)).toBe(0x6_0000_0009n);
  });

  test('which region is MTIME: the first of two, or what reg-names says; one region alone is MTIMECMP', () => {
    const regions = (count: number, properties: Properties = {}): bigint[] => new Mtimer(context(7, [0], { regions: count, properties }), { mtimecmpReset: 'ones' }).devices.map((device) => get(device));
    const [time, compare] = [0n, (1n << 64n) - 1n];
    expect(regions(2)).toEqual([time, compare]);
    expect(regions(2, { 'reg-names': ['mtimecmp', 'mtime'] })).toEqual([compare, time]);
    expect(regions(1)).toEqual([compare]);
  });

  test('the region of MTIME has nothing behind it', () => {
    const { time } = make();
    time.write(8, 4, 77);
    expect([time.read(8, 4), get(time)]).toEqual([0, 0n]);
  });

  describe('quirks', () => {
    test('a comparator that is armed between two ticks fires so much late; MTIME reads right', () => {
      for (const [options, delay] of [[{}, 0], [{ quirks: 'qemu-10.0' }, 50], [{ quirks: 'qemu-10.0', lateAlarms: false }, 0]] as const) {
        const { time, compare, clock, up } = make({ mtimecmpReset: 'ones', ...options });
        clock.advance(50);
        set(compare, 0, 10n);
        clock.advance(950 + delay - 1);
        expect([up(0), get(time)]).toEqual([false, delay === 0 ? 9n : 10n]);
        clock.advance(1);
        expect([up(0), get(time)]).toEqual([true, 10n]);
      }
    });

    test('of QEMU 7.2: a write to half of MTIME takes the other from the time since power-on', () => {
      const { time } = make({ quirks: 'qemu-7.2' });
      set(time, 0, 0x5_0000_0007n);
      time.write(0, 4, 9);
      expect(get(time)).toBe(9n);
    });
  });
});

describe('SSWI (section 4)', () => {
  test('writing 1 to SETSSIP is one pulse, 0 is nothing, the upper bits are nothing, reads are 0', () => {
    const ctx = context(1, [2, 6]);
    const [sswi] = new Sswi(ctx).devices;
    sswi!.write(4, 4, 0);
    sswi!.write(4, 4, 2);
    expect(ctx.lines.pulses).toEqual([]);
    sswi!.write(4, 4, 1);
    sswi!.write(0, 4, 3);
    sswi!.write(4, 4, 1);
    expect([ctx.lines.pulses, four(sswi!, 4), [...ctx.lines.levels]]).toEqual([['6/1', '2/1', '6/1'], 0, []]);
  });

  test('4095 harts; the register after the last is reserved', () => {
    const ctx = context(1, Array.from({ length: 4097 }, (_, hart) => hart));
    const [sswi] = new Sswi(ctx).devices;
    for (const offset of [4 * 4094, 0x3ffc, 0x4000]) sswi!.write(offset, 4, 1);
    expect(ctx.lines.pulses).toEqual(['4094/1']);
  });

  test('narrow accesses and harts that do not exist: nothing', () => {
    const ctx = context(1, [null, 0]);
    const [sswi] = new Sswi(ctx).devices;
    for (const [offset, width] of [[0, 4], [8, 4], [4, 1], [4, 2]] as const) sswi!.write(offset, width, 1);
    expect(ctx.lines.pulses).toEqual([]);
  });

  test('riscv,hart-indexes says which register an entry has; registers between are empty', () => {
    const ctx = context(1, [10, 11, 12, 13], { properties: { 'riscv,hart-indexes': [5, 1, 4095] } });
    const [sswi] = new Sswi(ctx).devices;
    for (const offset of [0, 4, 8, 12, 16, 20, 0x3ffc]) sswi!.write(offset, 4, 1);
    expect(ctx.lines.pulses).toEqual(['11/1', '10/1']);
  });

  test('level: the bit is SSIP, reads back, and 0 takes it away', () => {
    const ctx = context(1, [2]);
    const [sswi] = new Sswi(ctx, { ssip: 'level' }).devices;
    sswi!.write(0, 4, 1);
    expect([ctx.lines.isPending(2, 1), four(sswi!, 0), ctx.lines.pulses]).toEqual([true, 1, []]);
    sswi!.write(0, 4, 0);
    expect([ctx.lines.isPending(2, 1), four(sswi!, 0)]).toEqual([false, 0]);
  });
});

test('which nodes the models are of', () => {
  expect([mswiModel.compatible, mtimerModel.compatible, sswiModel.compatible]).toEqual([
    ['riscv,aclint-mswi', 'thead,c900-aclint-mswi'],
    ['riscv,aclint-mtimer', 'thead,c900-aclint-mtimer'],
    ['riscv,aclint-sswi', 'mips,p8700-aclint-sswi', 'nuclei,ux900-aclint-sswi', 'thead,c900-aclint-sswi'],
  ]);
  const [mswi, sswi] = [mswiModel.create(context(3, [0])), sswiModel.create({ ...context(1, [0]), options: { ssip: 'level' } })];
  sswi.devices[0]!.write(0, 4, 1);
  expect([mswi.devices.length, mtimerModel.create(context(7, [0], { regions: 2 })).devices.length, four(sswi.devices[0]!, 0)]).toEqual([1, 2, 1]);
});
