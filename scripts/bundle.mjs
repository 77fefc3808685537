#!/usr/bin/env node
// What is published: `lib/` of every package, made from the compiler's `dist/`. One file per entry of the exports map (and
// chunks that entries share) instead of one per source; of the declarations only what the entries reach, with their comments;
// the JavaScript without comments and indentation and with short names for local variables. Functions, classes and properties
// keep theirs, and lines stay lines, so that a stack trace says where it was.
//   node scripts/bundle.mjs [NAME…]   all packages, or those named (`smp`, `ipi-mux`, …)
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from '@swc/core';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const AT_ONCE = 2;

async function bundle(name) {
  const folder = path.join(packages, name);
  const entries = entriesOf(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
  const missing = entries.find((entry) => !existsSync(path.join(folder, 'dist', `${entry}.js`)));
  if (missing !== undefined) throw new Error(`packages/${name}/dist/${missing}.js is missing: run the compiler first`);
  rmSync(path.join(folder, 'lib'), { recursive: true, force: true });
  await write(folder, entries, '.js', [{ name: 'slim', renderChunk: (code) => slim(code) }]);
  await write(folder, entries, '.d.ts', [dts({ respectExternal: false })]);
}

/** Paths below `lib/`, without extension, of everything that the published manifest names. */
function entriesOf({ publishConfig = {} }) {
  const targets = [...Object.values(publishConfig.exports ?? {}).map((target) => target.default ?? target), ...Object.values(publishConfig.bin ?? {})];
  return [...new Set(targets.filter((target) => target.startsWith('./lib/')).map((target) => target.slice('./lib/'.length).replace(/\.js$/, '')))];
}

/** A command has no declarations; types that two entries share need not be exported by either. */
const harmless = (code, message) => code === 'EMPTY_BUNDLE' || /still references private shared type exports/.test(message);

async function write(folder, entries, extension, plugins) {
  if (entries.length === 0) throw new Error(`${folder} publishes nothing from lib/`);
  const built = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, path.join(folder, 'dist', `${entry}${extension}`)])),
    external: (id) => !/^[./]/.test(id),
    plugins,
    onwarn: ({ code, message }) => { if (!harmless(code, message)) throw new Error(`${folder}: ${message}`); },
  });
  await built.write({
    dir: path.join(folder, 'lib'),
    format: 'es',
    minifyInternalExports: false,
    entryFileNames: `[name]${extension}`,
    chunkFileNames: ({ name }) => `${path.basename(name, '.d')}${extension}`,
  });
  await built.close();
}

const KEEP = { keep_fnames: true, keep_classnames: true, toplevel: false };

async function slim(code) {
  const { code: mangled } = await minify(code, { module: true, compress: { ...KEEP, inline: 0, reduce_funcs: false, reduce_vars: false, collapse_vars: false, sequences: false, conditionals: false, if_return: false }, mangle: KEEP, sourceMap: false });
  const compilerOptions = { removeComments: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(mangled, { compilerOptions, transformers: { before: [aLineEach] } });
  const lost = namedArrows(code).filter((name) => !new RegExp(`\\b${name} = `).test(outputText));
  if (lost.length > 0) throw new Error(`functions lose their names, which debugfs prints: ${lost.join(', ')}`);
  return withoutIndentation(outputText);
}

const namedArrows = (code) => [...code.matchAll(/\b(?:const|let) (\w+) = (?:async )?(?:\([^()]*\)|\w+) =>/g)].map(([, name]) => name);

/** Every statement of a block on a line of its own. */
function aLineEach(context) {
  const visit = (node) => {
    const inner = ts.visitEachChild(node, visit, context);
    return ts.isBlock(inner) && inner.statements.length > 0 ? context.factory.createBlock(inner.statements, true) : inner;
  };
  return visit;
}

/** Template literals stay as they are. */
function withoutIndentation(code) {
  const literals = [];
  const source = ts.createSourceFile('x.js', code, ts.ScriptTarget.ES2022);
  const visit = (node) => {
    if (ts.isTemplateLiteralToken(node)) literals.push([node.getStart(source), node.end]);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return code.replace(/\n\s*/g, (gap, at) => (literals.some(([start, end]) => start < at && at < end) ? gap : '\n'));
}

const all = readdirSync(packages).filter((name) => existsSync(path.join(packages, name, 'package.json')));
const queue = process.argv.length > 2 ? process.argv.slice(2) : all;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) await bundle(name);
}));
