import type { Smp } from '@irqchip/smp';

/** How a counter is turned into ns: ns = ticks · mult >> shift. */
export interface MultShift { readonly mult: bigint; readonly shift: bigint }

const NSEC_PER_SEC = 1_000_000_000n;
const ULLONG_MAX = (1n << 64n) - 1n;
const MAX_SEC = 600n;

/** The most precise pair that cannot overflow within `maxSec` seconds. @kernel clocks_calc_mult_shift */
export function clocksCalcMultShift(hz: bigint, maxSec: bigint): MultShift {
  const seconds32 = (maxSec * hz) >> 32n;
  const room = 32n - BigInt(seconds32 === 0n ? 0 : seconds32.toString(2).length);
  for (let shift = 32n; shift > 0n; shift--) {
    const mult = ((NSEC_PER_SEC << shift) + hz / 2n) / hz;
    if (mult >> room === 0n) return { mult, shift };
  }
  return { mult: NSEC_PER_SEC / hz, shift: 0n };
}

/**
 * Announces a 64-bit counter of `hz` as the kernel does: how many ticks it may run between two readings.
 * Task context, boot. BigInt is fine here: once a boot.
 * @kernel clocksource_register_hz
 */
export function clocksourceRegisterHz(smp: Smp, name: string, hz: number): void {
  let { mult, shift } = clocksCalcMultShift(BigInt(hz), MAX_SEC);
  // Room for the largest correction that timekeeping may apply, 11 %, in 32 bits.
  while ((mult + (mult * 11n) / 100n) >> 32n !== 0n) {
    mult >>= 1n;
    shift--;
  }
  const maxAdjust = (mult * 11n) / 100n;
  const maxCycles = ULLONG_MAX / (mult + maxAdjust);
  const maxIdleNs = ((maxCycles * (mult - maxAdjust)) >> shift) >> 1n;
  smp.log.info(`clocksource: ${name}: mask: 0xffffffffffffffff max_cycles: 0x${maxCycles.toString(16)}, max_idle_ns: ${maxIdleNs} ns`);
}
