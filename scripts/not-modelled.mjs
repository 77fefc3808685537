#!/usr/bin/env node
// docs/not-modelled.md: what the packages' READMEs say they leave out, on one page.
//   node scripts/not-modelled.mjs           writes it
//   node scripts/not-modelled.mjs --check   fails when it is stale
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/not-modelled.md');
/** In bold or at the start of a sentence; not in a heading. */
const MARK = /^(?!#).*?(?<!\w)(?:\*\*)?Not modelled[.:]?(?:\*\*)?[.:]?\s*/m;

/** From the mark to the end of its paragraph, or of the list that follows it; null without one. */
function leftOut(readme) {
  const mark = MARK.exec(readme);
  if (mark === null) return null;
  const rest = readme.slice(mark.index + mark[0].length).split(/\n(?=\n)/);
  const text = rest[0].trim() === '' ? rest[1] ?? '' : rest[0];
  return text.split(/^\*\*/m, 1)[0].trim();
}

const packages = readdirSync(path.join(root, 'packages')).filter((name) => existsSync(path.join(root, 'packages', name, 'README.md'))).sort();
const found = packages.map((name) => [name, leftOut(readFileSync(path.join(root, 'packages', name, 'README.md'), 'utf8'))]);
const said = found.filter(([, text]) => text !== null && text !== '');
const silent = found.filter(([, text]) => text === null || text === '').map(([name]) => name);

const text = `# What is not modelled

Collected from the packages' READMEs by \`node scripts/not-modelled.mjs\`; do not edit. What is modelled stands there, next to it.

${said.map(([name, left]) => `## [@irqchip/${name}](../packages/${name}/README.md)\n\n${left}`).join('\n\n')}
`;

if (process.argv.includes('--check')) {
  const stale = !existsSync(page) || readFileSync(page, 'utf8') !== text;
  if (stale) console.error('docs/not-modelled.md is stale: run `node scripts/not-modelled.mjs` and commit it.');
  if (said.length === 0) console.error('No README says what it leaves out: the pages cannot have been read.');
  process.exitCode = stale || said.length === 0 ? 1 : 0;
} else {
  writeFileSync(page, text);
}
console.log(`not modelled: ${said.length} packages say what they leave out; nothing is said by ${silent.join(', ') || 'none'}`);
