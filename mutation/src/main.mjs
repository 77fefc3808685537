#!/usr/bin/env node
// Mutation scores of the packages named, or of all four: node mutation/src/main.mjs [PACKAGE…] [--jobs N] [--mutate PATTERN] [--incremental]
//   --jobs N           workers; 2 unless told
//   --mutate PATTERN   only these files below the package, such as 'src/flow/*.ts'; the table in docs/mutation.md is left alone
//   --incremental      believe the last run where neither source nor tests changed; the table is left alone
// Exit status 1 if a score is below the threshold. Survivors are listed in mutation/.work/PACKAGE.survivors.txt.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { PACKAGES, root, strykerOptions, THRESHOLD, workDir } from './config.mjs';
import { scoreOf, survivors, writeTable } from './scores.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '2' }, mutate: { type: 'string', multiple: true }, incremental: { type: 'boolean', default: false } },
});

process.chdir(root);
mkdirSync(workDir, { recursive: true });
const rows = [];
for (const name of positionals.length > 0 ? positionals : PACKAGES) rows.push(await run(name));

const whole = values.mutate === undefined && !values.incremental;
if (whole) writeTable(path.join(root, 'docs/mutation.md'), rows.filter(({ name }) => PACKAGES.includes(name)));
if (rows.some(({ score }) => score.percent < THRESHOLD)) process.exitCode = 1;

async function run(name) {
  const start = performance.now();
  const { mutate, incremental } = values;
  const options = strykerOptions(name, { concurrency: Number(values.jobs), incremental, ...(mutate && { mutate }) });
  const score = scoreOf(await new Stryker(options).runMutationTest());
  const seconds = Math.round((performance.now() - start) / 1000);
  const list = path.join(workDir, `${name}.survivors.txt`);
  writeFileSync(list, `${survivors(JSON.parse(readFileSync(options.jsonReporter.fileName, 'utf8')))}\n`);
  console.log(`${name}: ${score.percent.toFixed(2)} % of ${score.valid} mutants (${score.killed} killed, ${score.timeout} timed out (${score.byClock} by the clock), ${score.survived} survived, `
    + `${score.notCovered} not covered; ${score.fixed} static, ${score.ignored} left alone, ${score.invalid} invalid) in ${seconds} s; see ${path.relative(root, list)}`);
  return { name, score, date: new Date().toISOString().slice(0, 10), seconds };
}
