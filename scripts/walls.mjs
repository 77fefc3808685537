#!/usr/bin/env node
// Checks the walls of .dependency-cruiser.cjs over the sources, hardware models and tests of every package, the benchmarks and what tests share.
//   node scripts/walls.mjs              exit status 1 on any breach, or if the checker did not really read the files
//   node scripts/walls.mjs --self-test  plants one breach of every wall in a scratch workspace: each must be found
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { selfTest } from './walls-self-test.mjs';

const { rooms, forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const root = fileURLToPath(new URL('..', import.meta.url));

const resolve = {
  exportsFields: ['exports'],
  conditionNames: ['@irqchip/source', 'types', 'import', 'node', 'default'],
  extensions: ['.ts', '.mts', '.d.ts', '.mjs', '.js', '.json'],
};

/** Breaches in the workspace at `base`, as `{ rule, from, to }`, and complaints about the reading itself. */
async function check(base) {
  const files = sources(base);
  const here = process.cwd();
  process.chdir(base);
  try {
    const { output } = await cruise(files, { ...options, baseDir: base, validate: true, ruleSet: { forbidden } }, resolve);
    const read = new Map(output.modules.map((module) => [module.source, module]));
    return {
      files: files.length,
      edges: files.reduce((sum, file) => sum + (read.get(file)?.dependencies.length ?? 0), 0),
      breaches: output.summary.violations.map(({ rule, from, to, cycle }) =>
        ({ rule: rule.name, from, to: cycle ? cycle.map(({ name }) => name).join(' -> ') : to })),
      unread: files.filter((file) => !read.has(file)),
      roomless: packageNames(base).filter((name) => !(name in rooms)),
    };
  } finally {
    process.chdir(here);
  }
}

function packageNames(base) {
  return readdirSync(path.join(base, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function sources(base) {
  const folders = packageNames(base).flatMap((name) => ['src', 'hardware', 'test'].map((part) => `packages/${name}/${part}`));
  return [...folders, 'bench/src', 'test-support/src'].flatMap((folder) => typescriptFiles(base, folder));
}

function typescriptFiles(base, folder) {
  let entries = [];
  try {
    entries = readdirSync(path.join(base, folder), { withFileTypes: true });
  } catch { /* not every package has every folder */ }
  return entries.flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return typescriptFiles(base, file);
    return file.endsWith('.ts') ? [file] : [];
  });
}

async function main() {
  if (process.argv.includes('--self-test')) {
    process.exitCode = await selfTest(root, check, forbidden.map(({ name }) => name)) ? 0 : 1;
    return;
  }
  const { files, edges, breaches, unread, roomless } = await check(root);
  for (const { rule, from, to } of breaches) console.error(`${rule}: ${from} -> ${to}\n    ${forbidden.find(({ name }) => name === rule).comment}`);
  for (const name of roomless) console.error(`packages/${name} has no place in .dependency-cruiser.cjs: add it to the table of rooms.`);
  for (const file of unread) console.error(`${file} is on disk, but the checker did not read it.`);
  // A checker without a working TypeScript parser reads nothing and finds nothing.
  const blind = files === 0 || edges < files / 2;
  if (blind) console.error(`The checker saw ${edges} imports in ${files} files: it cannot have read them.`);
  console.log(`walls: ${files} files, ${edges} imports, ${breaches.length} breaches`);
  process.exitCode = breaches.length + roomless.length + unread.length > 0 || blind ? 1 : 0;
}

await main();
