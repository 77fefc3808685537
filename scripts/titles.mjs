// The titles of the tests, for pages that quote them.
import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { parse, root } from './exports.mjs';

const read = new Map();

const testsOf = (reference) => {
  const [room, name] = reference.split('/');
  const file = path.join(root, 'packages', room, 'test', `${name}.test.ts`);
  if (!read.has(file)) read.set(file, existsSync(file) ? [...testsIn(parse(file))] : null);
  return read.get(file);
};

function* testsIn(node) {
  if (ts.isCallExpression(node) && isTestFunction(node.expression)) {
    const [title] = node.arguments;
    if (title && ts.isStringLiteralLike(title)) yield { title: title.text, node };
    else if (title && ts.isTemplateExpression(title)) yield { title: title.getText().slice(1, -1), node };
  }
  const inner = [];
  ts.forEachChild(node, (child) => { inner.push(child); });
  for (const child of inner) yield* testsIn(child);
}

/** `test`, `describe`, `test.each(…)`. */
function isTestFunction(callee) {
  if (ts.isIdentifier(callee)) return ['test', 'it', 'describe'].includes(callee.text);
  return ts.isCallExpression(callee) && ts.isPropertyAccessExpression(callee.expression) && callee.expression.name.text === 'each';
}

/** Titles of the tests and groups of a test file, as `package/name`; null when there is no such file. */
export function titlesOf(reference) {
  return testsOf(reference)?.map(({ title }) => title) ?? null;
}

/** The test's whole title, by any part of it. */
export function fullTitle({ file, title }) {
  return titlesOf(file)?.find((full) => full.includes(title));
}

/** What the test does: its source, and that of the constants of its file that it uses, or undefined without such a test. */
export function sourceOf({ file, title }) {
  const found = testsOf(file)?.find((test) => test.title.includes(title));
  return found && withConstants(found.node);
}

function withConstants(node) {
  const used = new Set();
  const visit = (each) => {
    if (ts.isIdentifier(each)) used.add(each.text);
    ts.forEachChild(each, visit);
  };
  visit(node);
  const constants = [];
  const collect = (each) => {
    if (ts.isVariableDeclaration(each) && ts.isIdentifier(each.name) && used.has(each.name.text)) constants.push(each.getText());
    ts.forEachChild(each, collect);
  };
  ts.forEachChild(node.getSourceFile(), collect);
  return [node.getText(), ...constants].join('\n');
}
