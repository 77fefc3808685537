import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Clint } from '@irqchip/drivers-clint/hardware';
import { makeClint, MSI, MTI, type Wires } from './wires.ts';
import type { TestClock } from './device-clock.ts';

interface Step {
  op: string; dev?: string; off?: string; value?: string; result?: string; ns?: number; i?: number; quirk?: number;
  net?: [number, string, number][]; lines?: Record<string, number>[];
}

const MTIMER = 0x4000;
const HARTS = [0, 1, 2, 3];

function steps(name: string): Step[] {
  const file = new URL(`../../../testdata/qemu/${name}.jsonl.gz`, import.meta.url);
  return gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1).map((line) => JSON.parse(line) as Step);
}

const half = (value: bigint, high: boolean): number => Number(BigInt.asIntN(32, high ? value >> 32n : value));

/** Applies one access; returns what a read saw. */
function access(clint: Clint, { op, dev, off, value }: Step): bigint | null {
  const offset = Number(off) + (dev === 'mtimer' ? MTIMER : 0);
  const wide = op.endsWith('q');
  const width = wide ? 8 : 4;
  if (op.startsWith('write')) {
    clint.write(offset, width, half(BigInt(value!), false));
    if (wide) clint.write(offset + 4, width, half(BigInt(value!), true));
    return null;
  }
  const low = BigInt(clint.read(offset, width) >>> 0);
  return wide ? low | (BigInt(clint.read(offset + 4, width) >>> 0) << 32n) : low;
}

function replay(name: string): { reads: number; levels: number } {
  const { clint, wires, clock } = makeClint(HARTS);
  const expected = HARTS.map(() => ({ MSI: 0, MTI: 1 }));
  let quirk = false;
  const seen = { reads: 0, levels: 0 };
  for (const step of steps(name)) {
    if (step.op === 'note') quirk = false;
    if (step.quirk) quirk = true;
    if (step.op === 'clock_step') clock.advance(step.ns!);
    else if (step.dev === 'mswi' || step.dev === 'mtimer') {
      const result = access(clint, step);
      if (result !== null) {
        seen.reads++;
        if (result !== BigInt(step.result!)) expect({ i: step.i, result }).toEqual({ i: step.i, result: BigInt(step.result!) });
      }
    }
    for (const [hart, line, level] of step.net ?? []) if (line === 'MSI' || line === 'MTI') expected[hart]![line] = level;
    if (!quirk) seen.levels += compare(step, wires, expected, clock);
  }
  return seen;
}

/** Compares the levels of all harts; the matcher, which is slow, only words the failure. */
function compare(step: Step, wires: Wires, expected: { MSI: number; MTI: number }[], clock: TestClock): number {
  for (const hart of HARTS) {
    const want = expected[hart]!;
    const msi = Number(wires.level(hart, MSI));
    const mti = Number(wires.level(hart, MTI));
    const listed = step.lines?.[hart];
    const same = msi === want.MSI && mti === want.MTI && (!listed || (listed['MSI'] === want.MSI && listed['MTI'] === want.MTI));
    if (!same) expect({ i: step.i, ns: clock.nowNs(), hart, MSI: msi, MTI: mti }).toEqual({ i: step.i, ns: clock.nowNs(), hart, ...want, ...listed });
  }
  return HARTS.length;
}

/** Recorded from the unmodified device models of QEMU 10.0.2, `-M virt,aclint=on -smp 4`, through its qtest protocol. */
describe('every read and every line of QEMU is reproduced', () => {
  for (const name of ['clint-directed', 'clint-rand-101', 'clint-rand-102']) {
    test(name, () => {
      const seen = replay(name);
      expect(seen.reads).toBeGreaterThan(50);
      expect(seen.levels).toBeGreaterThan(900);
    });
  }
});
