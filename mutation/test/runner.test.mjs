// node --test mutation/test/runner.test.mjs
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { InProcessRunner } from '../src/runner.mjs';
import { fixture } from './fixture.mjs';

let runner;
let coverage;

/** The result of one mutant, as Stryker asks for it. */
const mutant = (id, options = {}) => runner.mutantRun({
  activeMutant: { id }, disableBail: false, mutantActivation: 'runtime', reloadEnvironment: false, testFilter: testsOf(id), ...options,
});
const testsOf = (id) => Object.entries(coverage.perTest).filter(([, hits]) => id in hits).map(([name]) => name);
const named = (title) => [`packages/sample/test/${title}`];

before(async () => {
  process.chdir(fixture());
  runner = new InProcessRunner({ inProcess: { package: 'sample', inner: [], leaveOut: ['left-out'], leaveOutTests: ['processor time$'], randomRuns: 10 } });
  await runner.init();
  const { status, tests, mutantCoverage } = await runner.dryRun({ coverageAnalysis: 'perTest' });
  assert.equal(status, 'complete');
  assert.deepEqual(tests.filter((one) => one.status === 1), []);
  assert.equal(tests.filter((one) => one.status === 0).length, 11);
  assert.deepEqual(tests.filter((one) => one.status === 2).map(({ name }) => name), ['is not run']);
  coverage = mutantCoverage;
});

test('coverage is of the test that ran, and static where no test did', () => {
  assert.deepEqual(coverage.static, { static: 1 });
  assert.deepEqual(testsOf('plus'), ['packages/sample/test/sample.test.ts > halving 4 gives the half', 'packages/sample/test/sample.test.ts > halving 6 gives the half']);
  assert.deepEqual(testsOf('endless'), ['packages/sample/test/sample.test.ts > counts down']);
});

test('a mutant that is on makes its test fail, and the run stops there', async () => {
  const result = await mutant('plus');
  assert.equal(result.status, 'killed');
  assert.deepEqual(result.killedBy, [testsOf('plus')[0]]);
  assert.equal(result.nrOfTests, 1);
  assert.match(result.failureMessage, /toBe/);
});

test('without bail every test that fails is named', async () => {
  assert.deepEqual((await mutant('plus', { disableBail: true })).killedBy, testsOf('plus'));
});

test('a mutant that changes nothing survives, and so does everything when no mutant is on', async () => {
  assert.deepEqual(await mutant('equivalent'), { status: 'survived', nrOfTests: 1 });
  assert.equal((await mutant('nobody', { testFilter: undefined })).status, 'survived');
});

test('an endless loop ends at the hit limit, and is a timeout', async () => {
  assert.equal((await mutant('endless', { hitLimit: 100 })).status, 'timeout');
});

test('a static mutant works when sources are evaluated anew, and leaves nothing behind', async () => {
  const all = { testFilter: undefined };
  assert.equal((await mutant('static', all)).status, 'survived');
  const result = await mutant('static', { ...all, mutantActivation: 'static', reloadEnvironment: true });
  assert.deepEqual(result.killedBy, named('sample.test.ts > knows the limit'));
  assert.equal((await mutant('nobody', all)).status, 'survived');
});

test('a helper is evaluated for each test file, and its hooks are the hooks of that file', async () => {
  const { killedBy } = await mutant('helper', { testFilter: undefined, disableBail: true });
  assert.deepEqual(new Set(killedBy.map((id) => id.split(' > ')[0])), new Set(['packages/sample/test/sample.test.ts', 'packages/sample/test/broken.test.ts']));
});

test('failing set-up, tear-down, missing assertions and test files that do not load all kill', async () => {
  const killers = { 'set-up': 'a block whose set-up fails inside fails every test', silent: 'promised assertions are counted', 'tear-down': 'a block whose set-up fails inside fails every test' };
  for (const [id, title] of Object.entries(killers)) {
    assert.deepEqual((await mutant(id, { testFilter: undefined })).killedBy, named(`broken.test.ts > ${title}`), id);
  }
  const filter = named('broken.test.ts > promised assertions are counted');
  assert.deepEqual((await mutant('load', { testFilter: filter })).killedBy, filter);
});
