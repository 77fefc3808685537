/** The mux and the drivers as they are, in every order that each model allows. */
import { exploreScene, LKMM, muxScene, PROVIDERS, rvwmoIo, SC, TSO, type Model, type ProviderName } from '../src/index.ts';
import { SHAPES } from './scenes.ts';

const MODELS: readonly Model[] = [SC, TSO, LKMM, rvwmoIo()];
/** The posted algorithm has no masking. */
const shapesOf = (provider: ProviderName): string[] => Object.keys(SHAPES).filter((name) => provider !== 'v5' || SHAPES[name]!.target === undefined);

describe.each(PROVIDERS)('%s', (provider) => {
  test.each(shapesOf(provider))('%s: no IPI is lost, none comes from nowhere, payloads are seen', (shape) => {
    const results = MODELS.filter(({ name }) => provider !== 'clint' || name !== 'rvio').map((model) => {
      const { failures, executions, bounded } = exploreScene(muxScene({ name: shape, provider, ...SHAPES[shape]! }), { model, first: false });
      expect({ model: model.name, failures: failures.map(({ what }) => what), bounded }).toEqual({ model: model.name, failures: [], bounded: false });
      return executions;
    });
    expect(results).toMatchSnapshot();
  });
});

test('by the letter of the architecture, a CSR write that clears the interrupt is not ordered before the taking of the bits', () => {
  const scene = muxScene({ name: 'sbi', provider: 'sbi', sends: [0, 0], enabled: [0] });
  const results = [true, false].map((csrWritesSerialise) => exploreScene(scene, { model: rvwmoIo(), csrWritesSerialise }).failures.map(({ what }) => what));
  expect(results).toEqual([[], ['vIPI 0 is lost: its bit is set, no doorbell is on its way']]);
});

test('by the same letter, a CLINT\'s clearing writel() is not ordered before the taking of the bits either', () => {
  const lost = (sends: number[]): string[] => exploreScene(muxScene({ name: 'clint', provider: 'clint', sends, enabled: [0] }), { model: rvwmoIo(), first: false }).failures.map(({ what }) => what);
  // One doorbell cannot be erased by the clearing of another.
  expect(lost([0])).toEqual([]);
  expect(new Set(lost([0, 0]))).toEqual(new Set(['vIPI 0 is lost: its bit is set, no doorbell is on its way']));
});
