import { explore, type Device, type Property, type Result } from './explorer/explore.ts';
import type { Mutant } from './explorer/replay-memory.ts';
import type { Scene, Variant } from './explorer/subject.ts';

// Scenario 13 of the reference paper: its table of mutations, each explored on the real code. The explorer runs mux.ts and v5.ts
// on a memory that answers in every order the kernel's model allows; a mutation is something this memory does to the code.

const SCENES = {
  enabled: { name: 'two senders, enabled', vipis: [0], enabled: [0], sends: [0, 0], target: [] },
  unmask: { name: 'two senders, masked and then unmasked', vipis: [0], enabled: [], sends: [0, 0], target: [['unmask', 0]] },
  remask: { name: 'one sender, masked and unmasked', vipis: [0], enabled: [0], sends: [0], target: [['mask', 0], ['unmask', 0]] },
  mask: { name: 'one sender, masked for good', vipis: [0], enabled: [0], sends: [0], target: [['mask', 0]] },
} satisfies Record<string, Scene>;
type SceneName = keyof typeof SCENES;
const NAMES = Object.keys(SCENES) as SceneName[];

/** The doorbell acts at once and orders nothing, or late and orders everything. */
const DOORBELLS: readonly Device[] = [{}, { delayed: true, ordering: true }];
/** A parent whose clear is a write that arrives some time. */
const POSTED: readonly Device[] = [{ posted: true, ordering: true }];

type Verdict = Readonly<Partial<Record<SceneName, string>>>;
const HOLDS: Verdict = {};
const everywhere = (broken: string): Verdict => ({ enabled: broken, unmask: broken, remask: broken, mask: broken });

function verdict(results: readonly Result[]): string {
  const all = new Set<Property>(results.flatMap(({ broken }) => [...broken]));
  return [...all].sort().join(' ');
}

function expectVerdict(variant: Variant, devices: readonly Device[], expected: Verdict): void {
  const found = Object.fromEntries(NAMES.map((name) => [name, verdict(devices.map((device) => explore(SCENES[name], variant, device)))]));
  expect(found).toEqual(Object.fromEntries(NAMES.map((name) => [name, expected[name] ?? ''])));
}

type Row = readonly [title: string, mutant: Mutant, expected: Verdict];

/** Wrong only where something is masked. */
const LOST_ON_UNMASK: Verdict = { unmask: 'M1 M5', remask: 'M1 M5' };

const ROWS: readonly Row[] = [
  ['today\'s algorithm: all hold', {}, HOLDS],
  ['no barrier in unmask: lost, where something is masked', { dropMb: 'target' }, LOST_ON_UNMASK],
  ['no barrier in send: lost, where something is masked', { dropMb: 'sender' }, LOST_ON_UNMASK],
  ['unmask does not raise again: lost after the unmask', { noReRaise: true }, LOST_ON_UNMASK],
  ['unmask reads bits before it sets enable: lost', { bitsFirst: true }, LOST_ON_UNMASK],
  ['send reads enable before it sets bits: lost', { enableFirst: true }, LOST_ON_UNMASK],
  ['send without release: stale data', { relaxedSend: true }, { enabled: 'M6', unmask: 'M6', remask: 'M6' }],
  ['send without release nor elision: stale data', { relaxedSend: true, noElision: true }, { enabled: 'M6', unmask: 'M6', remask: 'M6' }],
  ['doorbell before the bit: lost', { ringFirst: true }, { enabled: 'M1', unmask: 'M1 M5', remask: 'M1 M5' }],
  ['no elision: all hold', { noElision: true }, HOLDS],
  ['exchange with 0: masked bits are destroyed', { takeAll: true }, { remask: 'M1 M4 M5', mask: 'M4' }],
  ['parent cleared after the bits were taken: lost to a second sender', { clear: 'afterTake' }, { enabled: 'M1', unmask: 'M1' }],
  ['parent never cleared: storm', { clear: 'never' }, everywhere('M7')],
];

describe.each(['merged', 'patch'] as const)('13. %s contract', (contract) => {
  test.each(ROWS)('13. %s', (_title, mutant, expected) => {
    expectVerdict({ contract, mutant }, DOORBELLS, expected);
  });

  test('13. process takes unordered: stale data', () => {
    // The posted contract's mb() comes before the taking: it helps a lone sender, whose own barrier came before the doorbell.
    const lone: Verdict = contract === 'merged' ? { remask: 'M6', mask: 'M6' } : {};
    expectVerdict({ contract, mutant: { relaxedTake: true } }, DOORBELLS, { enabled: 'M6', unmask: 'M6', ...lone });
  });
});

describe('13. posted clears', () => {
  test('13. merged contract, the driver does not wait for its clear: lost', () => {
    expectVerdict({ contract: 'merged' }, POSTED, { enabled: 'M1', unmask: 'M1', remask: 'M1 M5' });
  });

  test('13. merged contract, the driver has an I/O barrier after its clear: all hold', () => {
    expectVerdict({ contract: 'merged', driverBarrier: true }, POSTED, HOLDS);
  });

  test('13. patch contract: its mb() makes all hold', () => {
    expectVerdict({ contract: 'patch' }, POSTED, HOLDS);
  });

  test('13. patch contract without that mb(): lost', () => {
    expectVerdict({ contract: 'patch', mutant: { dropIoMb: true } }, POSTED, { enabled: 'M1', unmask: 'M1', remask: 'M1 M5' });
  });
});

test('13. a loop that clears the parent again each turn: all hold', () => {
  expectVerdict({ contract: 'merged', loop: true }, DOORBELLS, HOLDS);
});

/** v5 has no masking: that is M4, outright, wherever something is masked. */
const NO_MASKING: Verdict = { unmask: 'M4', remask: 'M4', mask: 'M4' };

describe.each(['v5', 'v5-once'] as const)('13. %s', (contract) => {
  const rows: readonly Row[] = [
    ['as posted (v5-once: without its loop): all hold but masking', {}, NO_MASKING],
    ['clear after the exchange: lost, the loop does not save it', { clear: 'afterTake' }, { ...NO_MASKING, enabled: 'M1', unmask: 'M1 M4 M5' }],
    ['no barrier before set_bit: stale data', { dropMbBefore: true }, { ...NO_MASKING, enabled: 'M6', unmask: 'M4 M6' }],
    ['no barrier after set_bit: a device write is never early here, so nothing shows', { dropMb: 'sender' }, NO_MASKING],
    ['doorbell before set_bit: lost', { ringFirst: true }, { enabled: 'M1', unmask: 'M1 M4 M5', remask: 'M1 M4 M5', mask: 'M4' }],
  ];

  test.each(rows)('13. %s', (_title, mutant, expected) => {
    expectVerdict({ contract, mutant }, DOORBELLS, expected);
  });

  test('13. its mb() makes posted clears harmless', () => {
    expectVerdict({ contract }, POSTED, NO_MASKING);
  });

  test('13. no mb() between clear and exchange: lost where the clear is posted, only there', () => {
    const mutant = { dropIoMb: true };
    expectVerdict({ contract, mutant }, [{ posted: true }], { ...NO_MASKING, enabled: 'M1', unmask: 'M1 M4 M5' });
    expectVerdict({ contract, mutant }, [{}], NO_MASKING);
  });
});

describe.each(['merged', 'patch'] as const)('13. %s contract, vIPIs in two words', (contract) => {
  const scene: Scene = { name: 'two words', vipis: [0, 33], enabled: [0, 1], sends: [0, 1], target: [['mask', 1], ['unmask', 1]] };

  test('13. all hold', () => {
    expect(verdict([explore(scene, { contract }), explore(scene, { contract }, { posted: true, ordering: true }, (broken) => broken.size > 0)]))
      .toBe(contract === 'patch' ? '' : 'M1');
  });

  test('13. one vIPI masked in each word', () => {
    const both: Scene = { ...scene, enabled: [0], target: [['unmask', 1], ['mask', 0]] };
    expect(verdict([explore(both, { contract })])).toBe('');
  });
});

test('13. what the explorer reports it can show: the steps that lose an IPI', () => {
  const { traces } = explore(SCENES.enabled, { contract: 'merged', mutant: { clear: 'afterTake' } });
  const steps = traces.get('M1')!.split('\n');
  const set = steps.map((step, i) => (step.includes('rmw or') ? i : -1)).filter((i) => i >= 0);
  const clear = steps.findIndex((step) => step.includes('clear'));
  expect(set).toHaveLength(2);
  expect(clear).toBeGreaterThan(set[1]!);
  expect(steps.findIndex((step) => step.includes('rmw andNot'))).toBeLessThan(set[1]!);
});
