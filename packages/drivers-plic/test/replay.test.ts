import type { PlicOptions } from '@irqchip/drivers-plic/hardware';
import { readRecording, replay } from './replay.ts';

const QEMU10: PlicOptions = { quirks: 'qemu-10.0' };
const QEMU7: PlicOptions = { quirks: 'qemu-7.2' };

function check(name: string, options: PlicOptions): void {
  const { reads, levels, differences } = replay(readRecording(name), options);
  expect(differences.slice(0, 10)).toEqual([]);
  expect(reads).toBeGreaterThan(60);
  expect(levels).toBeGreaterThan(2000);
}

/** Recorded from the unmodified device models of QEMU 10.0.2 and 7.2.22, kept to where the specification leaves no choice. */
describe('without quirks every read and every line of a disciplined recording is reproduced', () => {
  test.each(['plic-rand-101', 'plic-rand-102', 'plic-rand-103', 'plic-sifive_u-rand-101', 'q72-plic-rand-201'])('%s', (name) => check(name, {}));
});

describe('with the quirks of its QEMU every recording is reproduced', () => {
  test.each(['plic-directed', 'plic-wild-104', 'plic-rand-101', 'plic-sifive_u-rand-101'])('%s with those of 10.0', (name) => check(name, QEMU10));
  test.each(['q72-plic-directed', 'q72-plic-rand-201'])('%s with those of 7.2', (name) => check(name, QEMU7));
});

test('what QEMU does and the specification forbids is seen as a difference without quirks', () => {
  const { differences } = replay(readRecording('plic-directed'));
  expect(differences[0]).toBe('step 34: 0x2000 reads 0xfffffffe, recorded 0xffffffff');
  expect(differences.length).toBeGreaterThan(10);
  expect(replay(readRecording('q72-plic-directed'), QEMU10).differences).toEqual(['step 20: 0x180 reads 0x0, recorded 0x2']);
});
