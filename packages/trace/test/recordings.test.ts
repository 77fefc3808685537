/**
 * Every recording in testdata/qemu against our models. `rand` recordings keep to what the specifications leave no choice in:
 * models that follow the specification reproduce them to the last read and line. The others need the recorded version's
 * quirks.
 */
import { replay, type ReplayOptions, type ReplayResult } from '@irqchip/trace';
import { allRecordings, recording } from './testdata.ts';

type Quirks = NonNullable<ReplayOptions['quirks']>;

const quirksOf = (name: string): Quirks => name.startsWith('q72-') ? 'qemu-7.2' : name.startsWith('q111-') ? 'qemu-11.1' : 'qemu-10.0';
const names = allRecordings();
/** The APLIC of QEMU 7.2 departs from the specification even there. */
const disciplined = names.filter((name) => name.includes('-rand-') && !name.startsWith('q72-aplic'));

/** Everything agrees, and there was something to agree on. */
function expectAgreement({ reads, lines, differences, skipped }: ReplayResult, least: { reads: number; lines: number }): void {
  expect({ differences: differences.slice(0, 5), skipped }).toEqual({ differences: [], skipped: [] });
  expect([reads.equal, lines.equal]).toEqual([reads.total, lines.total]);
  expect(reads.total).toBeGreaterThanOrEqual(least.reads);
  expect(lines.total).toBeGreaterThanOrEqual(least.lines);
}

test('there are recordings of every controller and version', () => {
  const of = (part: RegExp): number => names.filter((name) => part.test(name)).length;
  expect([of(/^clint/), of(/^plic/), of(/^aplic-direct/), of(/^aplic-msi/), of(/^imsic/), of(/^q72-/), of(/^q111-/)]).toEqual([4, 6, 5, 5, 5, 8, 8]);
});

describe('by the specification', () => {
  test.each(disciplined)('%s: every read and every line agrees', (name) => {
    expectAgreement(replay(recording(name)), { reads: 300, lines: 12_000 });
  });
});

describe('with the quirks of the recorded version', () => {
  test.each(names)('%s: every read and every line agrees', (name) => {
    expectAgreement(replay(recording(name), { quirks: quirksOf(name) }), { reads: 70, lines: 1_900 });
  });
});

describe('a CLINT stands in for MSWI and MTIMER', () => {
  test.each(names.filter((name) => name.includes('clint')))('%s: every read and every line agrees', (name) => {
    expectAgreement(replay(recording(name), { quirks: quirksOf(name), oneClint: true }), { reads: 70, lines: 2_400 });
  });
});

describe('without the quirks, models and recordings differ where the specification does', () => {
  test('CLINT: only where the recording says so, a comparator that is armed between two ticks', () => {
    const { differences, skipped } = replay(recording('clint-directed'));
    expect(differences).toEqual([]);
    expect(skipped.map(({ step }) => step)).toEqual([242, 243, 244, 245, 246, 247]);
  });

  test('PLIC: a claim ignores the threshold', () => {
    const { differences } = replay(recording('plic-directed'));
    expect(differences).toContainEqual({ step: 194, note: 'SPEC: a claim ignores the threshold. QEMU: claim returns only sources above the threshold', register: 'claim[0]', model: '0x4', recorded: '0x0' });
  });

  test('IMSIC: seteipnum_be sets what seteipnum_le sets', () => {
    const { differences } = replay(recording('imsic-directed'));
    expect(differences[0]).toEqual({ step: 112, note: 'invalid identities and offsets', register: 'MEI of hart 0', model: '1', recorded: '0' });
  });
});
