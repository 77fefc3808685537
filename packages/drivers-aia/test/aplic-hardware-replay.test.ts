/** QEMU's virt has 96 sources in its device tree; the recordings say 95, those that the recorder used. The models of `hardware-board.ts` have 96. */
import { GOOD } from './hardware-board.ts';
import { agrees } from './replay.ts';

test.each([
  ['aplic-direct-directed', 'qemu-10.0'], ['q72-aplic-direct-directed', 'qemu-7.2'], ['q111-aplic-direct-directed', 'qemu-11.1'],
] as const)('%s: target[96], beyond the sources in use, reads as recorded with the quirks of %s', (name, quirks) => {
  expect(agrees(name, GOOD, quirks)).toBe(true);
});

test('without the quirks those recordings differ', () => {
  expect(agrees('aplic-direct-directed', GOOD)).toBe(false);
  expect(agrees('q72-aplic-direct-directed', GOOD, 'qemu-11.1')).toBe(false);
});
