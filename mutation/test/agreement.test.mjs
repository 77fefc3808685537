// node --test mutation/test/agreement.test.mjs: on one file every mutant fares as under Stryker's own runner for Jest. Minutes.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Stryker } from '@stryker-mutator/core';
import { root, strykerOptions } from '../src/config.mjs';

process.chdir(root);
// Stryker's Jest runner looks for Jest's environment from where it runs, and it is a dependency of this folder alone.
process.env.NODE_PATH = path.join(root, 'mutation/node_modules');

/** A mutant that a slow runner gives up on and a fast one kills is detected by both. */
const fateOf = (status) => (status === 'Timeout' ? 'Killed' : status);

async function fates(runner) {
  const options = strykerOptions('cpuhp', { mutate: ['src/cpu-state.ts'], runner, reporters: ['clear-text'] });
  const results = await new Stryker({ ...options, clearTextReporter: { logTests: false, reportMutants: false, reportTests: false, reportScoreTable: false } }).runMutationTest();
  return results.map(({ location, mutatorName, replacement, status }) => `${location.start.line}:${location.start.column} ${mutatorName} ${replacement} ${fateOf(status)}`).sort();
}

test('the same mutants are killed, and the same survive', async () => {
  const ours = await fates('in-process');
  assert.ok(ours.length > 20, `only ${ours.length} mutants`);
  assert.deepEqual(ours, await fates('jest'));
});
