/** The matchers: what they accept, and what they say. */
import { LKMM, modelNamed, muxScene, replayExecution, rvwmoIo, type Scene } from '../src/index.ts';
import { raceMatchers } from '../src/jest.ts';

expect.extend(raceMatchers);

const v5 = muxScene({ name: 'two senders', provider: 'v5', sends: [0, 0], enabled: [0] });
const v5Relaxed = muxScene({ name: 'relaxed doorbell', provider: 'v5', sends: [0], enabled: [0], relaxedDoorbell: true });

/** What a failing assertion says. */
function said(assert: () => void): string {
  try {
    assert();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion held');
}

test('toHoldUnder takes a model, by name or with switches', () => {
  expect(v5).toHoldUnder('rvio');
  expect(v5).toHoldUnder(LKMM);
  expect(v5Relaxed).not.toHoldUnder('rvio');
  expect(v5Relaxed).not.toHoldUnder(rvwmoIo({ trapEntryOrders: false }));
  expect(v5Relaxed).toHoldUnder('sc');
});

test('toNeverLose asks every model', () => {
  expect(v5).toNeverLose();
  // Only the model with devices apart from memory loses it.
  expect(v5Relaxed).not.toNeverLose();
});

test('options reach the checker', () => {
  const sbi = muxScene({ name: 'sbi', provider: 'sbi', sends: [0, 0], enabled: [0] });
  expect(sbi).toHoldUnder('rvio');
  expect(sbi).not.toHoldUnder('rvio', { csrWritesSerialise: false });
});

test('a failure shows the model with its version, the table, the missing order and a string that replays it', () => {
  const message = said(() => { expect(v5Relaxed).toHoldUnder('rvio'); });
  expect(message).toMatch(/^'relaxed doorbell' fails under rvio \(RVWMO with an I\/O domain\), in \d+ of \d+ executions\. The shortest:\n\nvIPI 0 is lost: /);
  expect(message).toMatch(/^> 4 {2}CPU1 +v5\.ts:\d+ +changes ipi-mux v5 bits\[0\]: 0 -> 1, relaxed +#3$/m);
  expect(message).toMatch(/^Nothing keeps #5 \(writes doorbell\[0\] = 1, relaxed\) from overtaking #4 \(changes .*\)\..*\nAdd wmb\(\) between /m);
  const replay = /^Replay: (\S+)$/m.exec(message)![1]!;
  expect(replayExecution(v5Relaxed, { model: modelNamed('rvio') }, replay)).toMatchObject({ allowed: true, what: 'vIPI 0 is lost: its bit is set, no doorbell is on its way' });
});

test('the negation says how much was looked at', () => {
  expect(said(() => { expect(v5).not.toHoldUnder('lkmm'); })).toMatch(/^'two senders' holds under lkmm: none of its \d+ executions fails\.$/);
  expect(said(() => { expect(v5).not.toNeverLose(); })).toMatch(/^'two senders' holds under sc, tso, lkmm, rvio: /);
});

test('a bound that was reached is no proof, unless it is accepted', () => {
  const bounds = { taken: 1 };
  expect(said(() => { expect(v5).toHoldUnder('sc', { bounds }); })).toBe("'two senders' holds under sc as far as it was looked at, but a CPU could take more interrupts than that: raise bounds.taken, or say acceptBound.");
  expect(v5).toHoldUnder('sc', { bounds, acceptBound: true });
});

describe('what cannot be judged is an error, under .not too', () => {
  const endless: Scene<{ count: () => void }> = {
    name: 'long', cpus: 1,
    setup: ({ smp }) => { const words = smp.memory.words('w', 1); return { count: () => { words.writeOnce(0, 1); } }; },
    run: [({ count }) => { for (let i = 0; i < 40; i++) count(); }],
    check: () => null,
  };
  test.each<[string, unknown, string, RegExp]>([
    ['no scene', {}, 'sc', /^This is no scene: it takes a name, cpus, setup, run and check\.$/],
    ['nothing at all', undefined, 'sc', /^This is no scene/],
    ['a model that is not there', v5, 'c11', /^There is no memory model 'c11'; the models are lkmm, /],
    ['more than the checker can hold', endless, 'sc', /^a thread makes more than 31 accesses$/],
  ])('%s', (_what, subject, model, message) => {
    expect(() => { expect(subject).toHoldUnder(model); }).toThrow(message);
    expect(() => { expect(subject).not.toHoldUnder(model); }).toThrow(message);
  });
});
