/** A name for an execution, and the way back. */
import { exploreScene, explainFailure, muxScene, PROVIDERS, replayExecution, replayString, rvwmoIo, SC, shortestFailure, type Failure } from '../src/index.ts';

const model = rvwmoIo();
const scene = muxScene({ name: 'relaxed doorbell', provider: 'v5', sends: [0, 0], enabled: [0], relaxedDoorbell: true });
const { failures, registry } = exploreScene(scene, { model, first: false });

test('every failing execution has a name of at most 120 characters, and no two the same', () => {
  const names = failures.map(({ execution }) => replayString(execution));
  expect(names.length).toBeGreaterThan(10);
  expect(new Set(names).size).toBe(names.length);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(120);
});

test('the name leads back to the same table', () => {
  for (const failure of failures.filter((_, index) => index % 20 === 0)) {
    const again = replayExecution(scene, { model }, replayString(failure.execution));
    expect(again).toMatchObject({ allowed: true, what: failure.what });
    expect(explainFailure(again as unknown as Failure, again.registry, model)).toBe(explainFailure(failure, registry, model));
  }
});

test('another exploration gives the same names in the same order', () => {
  const again = exploreScene(muxScene({ name: 'again', provider: 'v5', sends: [0, 0], enabled: [0], relaxedDoorbell: true }), { model, first: false });
  const names = (all: readonly Failure[]): string[] => all.slice(-20).map(({ execution }) => replayString(execution));
  expect(again.failures.length).toBe(failures.length);
  expect(names(again.failures)).toEqual(names(failures));
});

test('a model that forbids the execution says so', () => {
  const name = replayString(shortestFailure({ failures })!.execution);
  expect(replayExecution(scene, { model: SC }, name)).toMatchObject({ allowed: false });
});

describe('a string that names nothing is EINVAL', () => {
  const small = muxScene({ name: 'one sender', provider: 'v5', sends: [0], enabled: [0], relaxedDoorbell: true });
  const name = replayString(shortestFailure(exploreScene(small, { model }))!.execution);
  const wrong = ['', 'x', '0', '0.0', '0.0.0.0', 'zzzz.0.0', '...', ` ${name}`, `${name}.0`, name.replace(/\.[^.]*$/, '.zzzz'), name.replace(/\.[^.]*$/, '.-1'), name.replace(/\.[^.]*$/, '.')];

  test('the right one does', () => {
    expect(replayExecution(small, { model }, name)).toMatchObject({ allowed: true });
  });

  test.each(wrong)('%j', (text) => {
    expect(() => replayExecution(small, { model }, text)).toThrow(expect.objectContaining({ code: 'EINVAL', message: `'${text}' names no execution of the scene 'one sender': it belongs to another scene, or the code has changed since.` }));
  });
});

test.each(PROVIDERS)('%s: executions of the code as it is fit too', (provider) => {
  const shipped = muxScene({ name: provider, provider, sends: [0, 0], enabled: [0] });
  const all = exploreScene({ ...shipped, check: () => 'one' }, { model, first: false }).failures;
  expect(all.length).toBeGreaterThan(0);
  for (const { execution } of all.slice(-5)) expect(replayString(execution).length).toBeLessThanOrEqual(120);
});
