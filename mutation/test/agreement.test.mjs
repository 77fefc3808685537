// node --test mutation/test/agreement.test.mjs: on one file every mutant fares as under Stryker's own runner for Jest. Minutes.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Stryker } from '@stryker-mutator/core';
import { LEFT_OUT_TITLES, root, strykerOptions } from '../src/config.mjs';

process.chdir(root);
// Stryker's Jest runner looks for Jest's environment from where it runs, and it is a dependency of this folder alone.
process.env.NODE_PATH = path.join(root, 'mutation/node_modules');

const TITLES = LEFT_OUT_TITLES.map((pattern) => new RegExp(pattern));

/** What a test finds out that only Jest runs proves nothing. */
function fateOf({ status, killedBy = [] }) {
  return killedBy.length > 0 && killedBy.every((id) => TITLES.some((title) => title.test(id))) ? 'Survived' : status;
}

// No mutant of that file loops for ever, but Jest may take long: the clock decides nothing here.
async function fates(runner) {
  const options = strykerOptions('cpuhp', { mutate: ['src/cpu-state.ts'], runner, reporters: ['clear-text'] });
  const results = await new Stryker({ ...options, timeoutMS: 600_000, clearTextReporter: { logTests: false, reportMutants: false, reportTests: false, reportScoreTable: false } }).runMutationTest();
  return results.map((mutant) => `${mutant.location.start.line}:${mutant.location.start.column} ${mutant.mutatorName} ${mutant.replacement} ${fateOf(mutant)}`).sort();
}

test('the same mutants are killed, and the same survive', async () => {
  const ours = await fates('in-process');
  assert.ok(ours.length > 20, `only ${ours.length} mutants`);
  assert.deepEqual(ours, await fates('jest'));
});
