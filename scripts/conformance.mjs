#!/usr/bin/env node
// docs/conformance.md: which features of the kernel's interrupt core are here, under which names, and which tests pin them; and
// docs/errno.md: which call returns which errno when, and the test that provokes it (see errno.mjs).
//   node scripts/conformance.mjs           writes them from docs/conformance.json and docs/errno.json
//   node scripts/conformance.mjs --check   fails when one is stale, names something that is not exported, quotes a test that
//                                          does not exist, or has a needed feature without a name or a test
//
// A row of conformance.json:
//   nr, feature, need (D, T, E or R, as the page explains), kernel: [symbol, …],
//   here:  { package: "name Owner.member …" }, what the package's doors let out,
//   tests: { "package/file": ["beginning or part of a test's title", …] }, file without .test.ts,
//   later: "why it is not there yet", not: "why it is not modelled"; either may stand beside names for a part that is there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errnoPage } from './errno.mjs';
import { declarations, packageFolders, publicNames, root } from './exports.mjs';
import { fullTitle, titlesOf } from './titles.mjs';

const page = path.join(root, 'docs/conformance.md');
const rows = JSON.parse(readFileSync(path.join(root, 'docs/conformance.json'), 'utf8'));

const NEEDS = new Map([
  ['D', 'an IPI mux defines or calls it'],
  ['T', 'an IPI mux, or a driver on top of one, works only with it'],
  ['E', 'whoever writes an irqchip driver expects it'],
  ['R', 'rarely used'],
]);

/** Package -> the names that its doors let out, members as `Owner.member`. */
const exported = new Map(packageFolders().map((folder) => [
  path.basename(folder),
  new Set(publicNames(folder).flatMap(({ statement }) => [...declarations(statement)].map(({ name }) => name))),
]));

const names = ({ here = {} }) => Object.entries(here).flatMap(([room, list]) => list.split(' ').map((name) => ({ room, name })));
const quotes = ({ tests = {} }) => Object.entries(tests).flatMap(([file, list]) => list.map((title) => ({ file, title })));

function problemsOf(row, index) {
  const problems = [];
  const say = (text) => problems.push(`row ${row.nr} (${row.feature}): ${text}`);
  if (row.nr !== index + 1) say(`numbers must run from 1 without gaps, this is row ${index + 1} of the file`);
  if (!NEEDS.has(row.need)) say(`need "${row.need}" is none of ${[...NEEDS.keys()].join(', ')}`);
  for (const { room, name } of names(row)) if (!exported.get(room)?.has(name)) say(`@irqchip/${room} does not export ${name}`);
  for (const quote of quotes(row)) if (!fullTitle(quote)) say(titlesOf(quote.file) ? `no test of ${quote.file} is called "${quote.title}"` : `there is no ${quote.file}.test.ts`);
  const complete = names(row).length > 0 && quotes(row).length > 0;
  if (complete || row.later) return problems;
  if ('DTE'.includes(row.need)) say('it is needed, so it must have a name and a test; or say when in "later"');
  else if (!row.not) say('name it and a test that pins it, or say why not in "later" or "not"');
  return problems;
}

function render() {
  const body = rows.map((row) => `| ${[row.nr, row.feature, row.kernel.map((symbol) => `\`${symbol}\``).join(' '), row.need, hereCell(row), testsCell(row)].map(cell).join(' | ')} |`);
  return `# Conformance

Features of Linux' interrupt core, CPU hotplug, device-tree lookup and RISC-V drivers: what they are called here, and the tests that pin how they behave.
Made from \`conformance.json\` by \`node scripts/conformance.mjs\`, which checks that every name is exported and every test exists; do not edit.

Need: ${[...NEEDS].map(([need, meaning]) => `**${need}** ${meaning}`).join('; ')}.

| need | features | modelled and pinned | in part | later | not modelled |
|---|---|---|---|---|---|
${[...NEEDS.keys()].map(summary).join('\n')}

| # | feature | Linux | need | here | pinned by |
|---|---|---|---|---|---|
${body.join('\n')}
`;
}

function summary(need) {
  const group = rows.filter((row) => row.need === need);
  const count = (wanted) => group.filter((row) => stateOf(row) === wanted).length;
  return `| ${need} | ${group.length} | ${count('whole')} | ${count('part')} | ${count('later')} | ${count('not')} |`;
}

function stateOf(row) {
  const named = names(row).length > 0;
  if (!row.later && !row.not) return 'whole';
  if (named) return 'part';
  return row.later ? 'later' : 'not';
}

function hereCell(row) {
  const parts = Object.entries(row.here ?? {}).map(([room, list]) => `${room}: ${list.split(' ').map((name) => `\`${name}\``).join(' ')}`);
  if (row.later) parts.push(`${parts.length > 0 ? 'not yet' : 'not modelled yet'}: ${row.later}`);
  if (row.not) parts.push(`not modelled: ${row.not}`);
  return parts.join('<br>');
}

function testsCell(row) {
  return Object.entries(row.tests ?? {}).map(([file, list]) => `${file}: ${list.map((title) => `“${fullTitle({ file, title }) ?? title}”`).join(', ')}`).join('<br>');
}

const cell = (text) => String(text).replaceAll('|', '\\|');

const errno = errnoPage();
const problems = [...rows.flatMap(problemsOf), ...errno.problems];
const pages = new Map([[page, render()], [errno.file, errno.text]]);
for (const problem of problems) console.error(problem);
if (process.argv.includes('--check')) {
  const stale = [...pages].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  for (const [file] of stale) console.error(`docs/${path.basename(file)} is stale: run \`node scripts/conformance.mjs\` and commit it.`);
  process.exitCode = stale.length > 0 || problems.length > 0 || rows.length === 0 || errno.entries === 0 ? 1 : 0;
} else {
  for (const [file, text] of pages) writeFileSync(file, text);
}
console.log(`conformance: ${rows.length} features, ${rows.filter((row) => stateOf(row) === 'whole').length} modelled and pinned; ${errno.entries} errnos, ${errno.provoked} provoked by a test; ${problems.length} problems`);
