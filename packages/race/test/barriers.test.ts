/** What each barrier is for: the pairs that the sources claim. */
import {
  barrierReport, LKMM, modelNamed, muxScene, printBarriers, rvwmoIo, type BarrierReport, type BarrierVerdict, type Model, type MuxSceneOptions, type ProviderName,
} from '../src/index.ts';

const TWO = { sends: [0, 0], enabled: [0] };
const UNMASK: Pick<MuxSceneOptions, 'sends' | 'enabled' | 'target'> = { sends: [0], enabled: [], target: [['unmask', 0]] };
const RVIO = rvwmoIo();

function report(provider: ProviderName, model: Model, shape: typeof TWO | typeof UNMASK): BarrierReport {
  return barrierReport(muxScene({ name: provider, provider, ...shape }), { model });
}

/** The verdict on the ordering of that name; where a name occurs twice, by who runs it. */
function verdict({ verdicts }: BarrierReport, what: string, by = ''): BarrierVerdict {
  const found = verdicts.filter(({ site }) => site.what === what && site.by.some((who) => who.startsWith(by)));
  expect(found.map(({ site }) => site.where)).toHaveLength(1);
  return found[0]!;
}

const pairs = ({ pairs }: BarrierVerdict): string[] => pairs.map(({ what }) => what);

describe('v5 as posted, devices apart from memory', () => {
  const v5 = report('v5', RVIO, TWO);

  test('loses nothing as written, within the bounds', () => {
    expect(v5).toMatchObject({ scene: 'v5', model: 'rvio', asWritten: 0, bounded: false });
  });

  test('mb() pairs with the order inside writel()', () => {
    expect(pairs(verdict(v5, 'mb'))).toEqual(['writel']);
    expect(pairs(verdict(v5, 'writel'))).toEqual(['mb']);
    expect(verdict(v5, 'mb').what).toMatch(/^vIPI 0 is lost/);
  });

  test('smp_mb__before_atomic pairs with the xchg, for what was stored before', () => {
    expect(pairs(verdict(v5, 'smp_mb__before_atomic'))).toEqual(['fully ordered atomic']);
    expect(pairs(verdict(v5, 'fully ordered atomic'))).toEqual(['smp_mb__before_atomic']);
    expect(verdict(v5, 'smp_mb__before_atomic').what).toMatch(/does not see/);
  });

  test('smp_mb__after_atomic is not needed', () => {
    expect(verdict(v5, 'smp_mb__after_atomic')).toMatchObject({ failures: 0, what: null, pairs: [] });
  });
});

describe('v5 in the kernel\'s own model, where devices are memory', () => {
  const v5 = report('v5', LKMM, TWO);

  test('mb() is not missed: the xchg is a full barrier already', () => {
    expect(verdict(v5, 'mb').failures).toBe(0);
  });

  test('smp_mb__after_atomic and writel(): either is enough', () => {
    expect(verdict(v5, 'smp_mb__after_atomic')).toMatchObject({ failures: 0, oneOf: [{ what: 'writel' }] });
    expect(verdict(v5, 'writel')).toMatchObject({ failures: 0, oneOf: [{ what: 'smp_mb__after_atomic' }] });
  });
});

describe.each(['merged', 'patch', 'sbi', 'sswi', 'imsic', 'clint'] as const)('%s', (provider) => {
  test.each([LKMM, RVIO])('$name: of an unmask and a send that run together, one sees the other: their barriers pair', (model) => {
    const masked = report(provider, model, UNMASK);
    expect(masked).toMatchObject({ asWritten: 0, bounded: false });
    const [unmask, send] = [verdict(masked, 'smp_mb__after_atomic', 'CPU0'), verdict(masked, 'smp_mb__after_atomic', 'CPU1')];
    expect([unmask.pairs, send.pairs]).toEqual([[send.site], [unmask.site]]);
    expect(unmask.what).toMatch(/is lost/);
  });
});

describe.each(['merged', 'patch', 'sbi', 'sswi', 'imsic'] as const)('%s', (provider) => {
  test.each([LKMM, RVIO])('$name: the release of the send pairs with the full order of the taking', (model) => {
    const two = report(provider, model, TWO);
    expect(two).toMatchObject({ asWritten: 0, bounded: false });
    expect(pairs(verdict(two, 'atomic, release'))).toEqual(['fully ordered atomic']);
    expect(pairs(verdict(two, 'fully ordered atomic'))).toEqual(['atomic, release']);
    expect(verdict(two, 'atomic, release').what).toMatch(/does not see/);
  });
});

test('the posted contract of the multiplexer: mb() after the clear is needed where devices are apart from memory', () => {
  expect(verdict(report('patch', RVIO, TWO), 'mb')).toMatchObject({ what: expect.stringMatching(/is lost/) });
  expect(verdict(report('patch', LKMM, TWO), 'mb')).toMatchObject({ failures: 0 });
});

test('without a choice of order no barrier is needed', () => {
  for (const { failures } of report('v5', modelNamed('sc'), TWO).verdicts) expect(failures).toBe(0);
});

test('the report of the largest scene is a matter of a second', () => {
  const begun = performance.now();
  report('imsic', RVIO, TWO);
  expect(performance.now() - begun).toBeLessThan(5000); // machines are not always quiet
});

test('as text: a line an ordering, with its place and what it is for', () => {
  expect(printBarriers(report('v5', RVIO, TWO)).replace(/\.ts:\d+/g, '.ts:N').replace(/ {2,}/g, '  ')).toMatchInlineSnapshot(`
"v5 under rvio: 0 failing executions as written
  CPU0 irq: mb (v5.ts:N)  needed: 8 executions fail without it (vIPI 0 is lost: its bit is set, no doorbell is on its way); pairs with writel (v5.ts:N)
  CPU0 irq: fully ordered atomic (v5.ts:N)  needed: 8 executions fail without it (the handler of vIPI 0 does not see what was stored before it was sent); pairs with smp_mb__before_atomic (v5.ts:N)
  CPU1, CPU2: smp_mb__before_atomic (v5.ts:N)  needed: 12 executions fail without it (the handler of vIPI 0 does not see what was stored before it was sent); pairs with fully ordered atomic (v5.ts:N)
  CPU1, CPU2: smp_mb__after_atomic (v5.ts:N)  not needed here
  CPU1, CPU2: writel (v5.ts:N)  needed: 52 executions fail without it (vIPI 0 is lost: its bit is set, no doorbell is on its way); pairs with mb (v5.ts:N)"
`);
});
