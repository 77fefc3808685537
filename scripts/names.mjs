#!/usr/bin/env node
// docs/names.md: which kernel symbol is which name here, from the `@kernel` tags of everything exported.
//   node scripts/names.mjs           writes it
//   node scripts/names.mjs --check   fails when it is stale, or when two names claim one symbol without saying why
//
// A tag is `@kernel symbol`, `@kernel symbol, other_symbol`, or `@kernel symbol (why this name exists beside another one)`.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/names.md');

/** Every claim of the workspace: `{ symbol, reason, name, package, file, summary }`. Only what a package's doors let out counts. */
function claims() {
  const packages = readdirSync(path.join(root, 'packages')).filter((name) => existsSync(path.join(root, 'packages', name, 'package.json'))).sort();
  return packages.flatMap((name) => publicNames(path.join(root, 'packages', name))
    .flatMap(({ file, statement }) => claimsOf(file, statement).map((claim) => ({ ...claim, package: name, file: path.relative(root, file) }))));
}

/** The statements behind the package's exports map: `{ file, statement }`, each once. */
function publicNames(folder) {
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const doors = Object.values(exports).map((door) => door['@irqchip/source']).filter((door) => door && existsSync(path.join(folder, door)));
  const found = new Map(doors.flatMap((door) => [...exportsOf(path.join(folder, door)).values()]).map((each) => [each.statement, each]));
  return [...found.values()];
}

const parsed = new Map();

function parse(file) {
  if (!parsed.has(file)) parsed.set(file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext, true));
  return parsed.get(file);
}

/** Exported name -> `{ file, statement }`, followed through re-exports inside the package. */
function exportsOf(file, seen = new Set()) {
  const found = new Map();
  if (seen.has(file) || !existsSync(file)) return found;
  const within = new Set([...seen, file]);
  for (const statement of parse(file).statements) {
    if (ts.isExportDeclaration(statement)) reExports(file, statement, within, found);
    else if (isExported(statement)) for (const name of namesOf(statement)) found.set(name, { file, statement });
  }
  return found;
}

function reExports(file, { moduleSpecifier, exportClause }, seen, found) {
  if (!moduleSpecifier?.text.startsWith('.')) return;
  const behind = exportsOf(path.resolve(path.dirname(file), moduleSpecifier.text), seen);
  if (!exportClause) for (const [name, each] of behind) found.set(name, each);
  else if (ts.isNamedExports(exportClause)) {
    for (const { name, propertyName } of exportClause.elements) {
      const each = behind.get((propertyName ?? name).text);
      if (each) found.set(name.text, each);
    }
  }
}

function claimsOf(file, statement) {
  return [...declarations(statement)].flatMap(({ node, name }) => tags(docOf(parse(file), node)).map((tag) => ({ ...tag, name })));
}

function isExported(statement) {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function namesOf(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  return statement.name ? [statement.name.text] : [];
}

/** What a statement declares: itself, each variable, each member that is not private. */
function* declarations(statement) {
  if (ts.isVariableStatement(statement)) {
    for (const { name, initializer } of statement.declarationList.declarations) {
      yield { node: statement, name: name.getText() };
      yield* members(literal(initializer)?.properties, name.getText());
    }
  } else if (statement.name) {
    yield { node: statement, name: statement.name.text };
    yield* members(statement.members, statement.name.text);
    if (ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type)) yield* members(statement.type.members, statement.name.text);
  }
}

function literal(initializer) {
  const inner = initializer && (ts.isAsExpression(initializer) || ts.isSatisfiesExpression(initializer)) ? initializer.expression : initializer;
  return inner && ts.isObjectLiteralExpression(inner) ? inner : undefined;
}

function* members(nodes, owner) {
  for (const node of nodes ?? []) {
    const hidden = ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    if (!hidden && node.name && !ts.isPrivateIdentifier(node.name)) yield { node, name: `${owner}.${node.name.getText()}` };
  }
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
