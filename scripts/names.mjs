#!/usr/bin/env node
// docs/names.md: which kernel symbol is which name here, from the `@kernel` tags of everything exported.
//   node scripts/names.mjs           writes it
//   node scripts/names.mjs --check   fails when it is stale, or when two names claim one symbol without saying why
//
// A tag is `@kernel symbol`, `@kernel symbol, other_symbol`, or `@kernel symbol (why this name exists beside another one)`;
// before an object of constants also `@kernel PREFIX_*`: each of them is PREFIX_ and its name.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { declarations, innerPackages, packageFolders, parse, publicNames, root } from './exports.mjs';

const page = path.join(root, 'docs/names.md');

/** Every claim of the workspace: `{ symbol, reason, name, package, file, summary }`. Only what a package's doors let out counts. */
function claims() {
  const inner = innerPackages();
  return packageFolders().filter((folder) => !inner.includes(folder)).flatMap((folder) => publicNames(folder)
    .flatMap(({ file, statement }) => claimsOf(file, statement).map((claim) => ({ ...claim, package: path.basename(folder), file: path.relative(root, file) }))));
}

function claimsOf(file, statement) {
  const declared = [...declarations(statement)];
  return declared.flatMap(({ node, name }) => tags(docOf(parse(file), node)).flatMap((tag) => {
    if (!tag.symbol.endsWith('_*')) return [{ ...tag, name }];
    const constants = declared.map((each) => each.name).filter((each) => each.startsWith(`${name}.`));
    return constants.map((each) => ({ ...tag, name: each, symbol: `${tag.symbol.slice(0, -1)}${each.slice(name.length + 1)}` }));
  }));
}

/** The text of the last TSDoc comment before `node`, without the stars. */
function docOf(source, node) {
  const comment = (ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []).map(({ pos, end }) => source.text.slice(pos, end)).filter((text) => text.startsWith('/**')).at(-1);
  return comment === undefined ? '' : comment.slice(3, -2).replace(/^[ \t]*\*[ \t]?/gm, '').trim();
}

function tags(doc) {
  const summary = firstSentence(doc.replace(/(^|\s)@[a-z][\s\S]*/, ''));
  return [...doc.matchAll(/(?:^|\s)@kernel[ \t]+((?:[^@\n]|@(?![a-z]))*)/g)].flatMap(([, text]) => {
    const reason = /\(([^()]*[a-z]{2}[^()]*)\)\s*\.?\s*$/.exec(text)?.[1];
    const symbols = (reason === undefined ? text : text.slice(0, text.lastIndexOf('('))).split(',').map((symbol) => symbol.trim().replace(/(\(\))?\.?$/, ''));
    return symbols.map((symbol) => ({ symbol, reason, summary }));
  });
}

function firstSentence(text) {
  const line = text.replace(/\{@link\s+([^}\s|]+)[^}]*\}/g, '`$1`').replace(/\s+/g, ' ').trim();
  return /^.*?[.:;!?](?= [A-Z`]|$)/.exec(line)?.[0] ?? line;
}

/** Complaints: malformed tags, and symbols that two names claim without a reason. An implementation shares its interface's method name. */
function complaints(all) {
  const malformed = all.filter(({ symbol }) => !/^(struct |enum |union )?[A-Za-z_][A-Za-z0-9_]*((\.|->)[A-Za-z_]\w*)?$/.test(symbol))
    .map(({ symbol, name, file }) => `${file}: ${name} claims "${symbol}", which is no C symbol`);
  const twice = [...grouped(all)].flatMap(([symbol, group]) => {
    const names = new Map(group.filter(({ reason }) => reason === undefined).map((claim) => [claim.name.split('.').at(-1), claim]));
    if (names.size < 2) return [];
    const holders = [...names.values()].map(({ name, file }) => `${name} in ${file}`).join(' and ');
    return [`${symbol} is claimed by ${holders}: say why in brackets after the symbol, as in "@kernel ${symbol} (the v5 variant)"`];
  });
  return [...malformed, ...twice];
}

const bySymbol = ({ symbol }) => symbol;

function grouped(all) {
  const groups = new Map();
  for (const claim of all) groups.set(claim.symbol, [...groups.get(claim.symbol) ?? [], claim]);
  return groups;
}

function render(all) {
  const rows = all.map(({ symbol, reason, name, package: room, summary }) =>
    `| \`${symbol}\` | \`${name}\` | ${room} | ${cell([summary, reason && `(${reason})`].filter(Boolean).join(' '))} |`);
  const sorted = [...new Set(rows)].sort((a, b) => key(a) < key(b) ? -1 : 1);
  return `# Names

What a kernel programmer looks for, and what it is called here. Made from the \`@kernel\` tags in the sources by \`pnpm names\`; do not edit.

| Linux | here | package @irqchip/ | what for |
|---|---|---|---|
${sorted.join('\n')}
`;
}

const key = (row) => row.toLowerCase().replace(/^\| `_*(struct )?/, '');
const cell = (text) => text.replaceAll('|', '\\|');

const all = claims();
const text = render(all);
const problems = complaints(all);
for (const problem of problems) console.error(problem);
if (process.argv.includes('--check')) {
  const stale = !existsSync(page) || readFileSync(page, 'utf8') !== text;
  if (stale) console.error('docs/names.md is stale: run `pnpm names` and commit it.');
  if (all.length === 0) console.error('No @kernel tag was found at all.');
  process.exitCode = stale || problems.length > 0 || all.length === 0 ? 1 : 0;
} else {
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
}
console.log(`names: ${all.length} names for ${new Set(all.map(bySymbol)).size} kernel symbols, ${problems.length} problems`);
