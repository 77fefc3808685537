import fc from 'fast-check';
import { clocksourceRegisterHz, Timebase } from '@irqchip/riscv';
import { Smp } from '@irqchip/smp';
import { codeOf } from './fake-machine.ts';

const hz = fc.oneof(fc.constantFrom(1, 32768, 1_000_000, 10_000_000, 24_000_000, 999_999_937, 1_000_000_000), fc.integer({ min: 1, max: 1_000_000_000 }));

test('ticks are exact at any rate and time', () => {
  fc.assert(fc.property(hz, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (rate, ns) => {
    expect(BigInt(new Timebase(rate).ticksAt(ns))).toBe((BigInt(ns) * BigInt(rate)) / 1_000_000_000n);
  }), { seed: 5, numRuns: 2000 });
});

test('nsAt is the first ns at which the counter has that value', () => {
  fc.assert(fc.property(hz, fc.integer({ min: 1, max: 1_000_000_000 }), (rate, ticks) => {
    const base = new Timebase(rate);
    const ns = base.nsAt(ticks);
    if (ns > Number.MAX_SAFE_INTEGER) return;
    expect(base.ticksAt(ns)).toBeGreaterThanOrEqual(ticks);
    expect(base.ticksAt(ns - 1)).toBeLessThan(ticks);
  }), { seed: 6, numRuns: 2000 });
});

test('a rate that cannot be counted is refused', () => {
  for (const rate of [0, -1, 1.5, 2e9]) expect(codeOf(() => new Timebase(rate))).toBe('EINVAL');
});

test('a clocksource of 10 MHz is announced as Linux announces it', () => {
  const smp = new Smp({ nrCpus: 1 });
  clocksourceRegisterHz(smp, 'riscv_clocksource', 10_000_000);
  expect(smp.log.records.map(({ text }) => text)).toEqual([
    'clocksource: riscv_clocksource: mask: 0xffffffffffffffff max_cycles: 0x24e6a1710, max_idle_ns: 440795202120 ns',
  ]);
});
