// docs/errno.md: every errno of the calls that are modelled, when it comes, and the test that provokes it. Written and checked by
// conformance.mjs.
//
// An entry of errno.json:
//   section, in the order of the page; function: the kernel's name; errno; when: in words;
//   test: "package/file" without .test.ts and title: the beginning or part of a test's title, which must name the errno or its number,
//   or not: "why it cannot come here".
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, root } from './exports.mjs';
import { fullTitle, sourceOf, titlesOf } from './titles.mjs';

const entries = JSON.parse(readFileSync(path.join(root, 'docs/errno.json'), 'utf8'));

/** Numbers by name, as @irqchip/smp has them. */
const NUMBERS = new Map([...parse(path.join(root, 'packages/smp/src/error.ts')).text.matchAll(/\b(E[A-Z_]+): (\d+)/g)].map(([, name, number]) => [name, number]));

function problemsOf(entry) {
  const problems = [];
  const say = (text) => problems.push(`errno.json, ${entry.function} ${entry.errno} (${entry.when}): ${text}`);
  for (const key of ['section', 'function', 'errno', 'when']) if (!entry[key]) say(`has no ${key}`);
  if (entry.not) return problems;
  if (!NUMBERS.has(entry.errno)) say('@irqchip/smp has no such code');
  const quote = { file: entry.test ?? '', title: entry.title ?? '' };
  if (!entry.title || !fullTitle(quote)) say(titlesOf(quote.file) ? `no test of ${quote.file} is called "${quote.title}"` : `there is no ${quote.file}.test.ts`);
  else if (!provokes(quote, entry.errno)) say(`the test "${quote.title}" of ${quote.file} does not mention it`);
  return problems;
}

function provokes(quote, errno) {
  const source = sourceOf(quote);
  return new RegExp(`\\b${errno}\\b|-${NUMBERS.get(errno)}\\b`).test(source);
}

function row(entry) {
  const { test, title, not } = entry;
  const pinned = not ? `cannot come: ${not}` : `${test}: “${fullTitle({ file: test, title }) ?? title}”`;
  return `| ${[`\`${entry.function}\``, entry.errno, entry.when, pinned].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

const section = (name) => `## ${name}

| call | errno | when | provoked by |
|---|---|---|---|
${entries.filter((entry) => entry.section === name).map(row).join('\n')}
`;

/** The page, and what is wrong with it. */
export function errnoPage() {
  const text = `# Error codes

Which call of the kernel fails with which code, and the test that makes it fail so here. A set-up call throws \`IrqError\` with the code; a delivery
path returns its negative number. Made from \`errno.json\` by \`node scripts/conformance.mjs\`, which checks that every test exists and names the code; do not edit.

${[...new Set(entries.map((entry) => entry.section))].map(section).join('\n')}`;
  return {
    file: path.join(root, 'docs/errno.md'), text, problems: entries.flatMap(problemsOf),
    entries: entries.length, provoked: entries.filter((entry) => !entry.not).length,
  };
}
