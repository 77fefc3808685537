// What the packages' doors let out, read from the sources: for scripts that hold pages against them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Every package's folder, by name. */
export function packageFolders() {
  const packages = path.join(root, 'packages');
  return readdirSync(packages).sort().map((name) => path.join(packages, name)).filter((folder) => existsSync(path.join(folder, 'package.json')));
}

/**
 * The statements behind the package's exports map, those of packages included that it lets out as a whole: `{ file, statement }`, each
 * once. What is internal to two packages does not count.
 */
export function publicNames(folder) {
  const found = new Map(doorsOf(folder).flatMap((door) => [...exportsOf(door).values()]).map((each) => [each.statement, each]));
  return [...found.values()];
}

/** Folders of the packages that another one lets out as a whole: their names are that one's. */
export function innerPackages() {
  return packageFolders().flatMap(doorsOf).flatMap((door) => parse(door).statements).filter((statement) => ts.isExportDeclaration(statement))
    .map(wholePackage).filter((folder) => folder !== null);
}

function doorsOf(folder) {
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports).filter(([name]) => name !== './internals').map(([, door]) => door['@irqchip/source'])
    .filter(Boolean).map((door) => path.join(folder, door)).filter((door) => existsSync(door));
}

/** The folder behind `export * from '@irqchip/X'`, or null. */
function wholePackage({ moduleSpecifier, exportClause }) {
  const name = /^@irqchip\/([^/]+)$/.exec(moduleSpecifier?.text ?? '')?.[1];
  return name === undefined || exportClause ? null : path.join(root, 'packages', name);
}

const parsed = new Map();

/** A file's syntax tree. */
export function parse(file) {
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
    else if (isExported(statement) && !isFurtherOverload(statement, found)) for (const name of namesOf(statement)) found.set(name, { file, statement });
  }
  return found;
}

function reExports(file, statement, seen, found) {
  const { moduleSpecifier, exportClause } = statement;
  const inner = wholePackage(statement);
  if (inner !== null) for (const door of doorsOf(inner)) for (const [name, each] of exportsOf(door, seen)) found.set(name, each);
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

/** The first one carries the documentation. */
function isFurtherOverload(statement, found) {
  return ts.isFunctionDeclaration(statement) && found.has(statement.name?.text);
}

function isExported(statement) {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function namesOf(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  return statement.name ? [statement.name.text] : [];
}

/** What a statement declares: itself, each variable, each member that is not private. */
export function* declarations(statement) {
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
