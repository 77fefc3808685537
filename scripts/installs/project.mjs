import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from '@swc/core';

export const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
/** Where a sample lies: as deep as `packages/X/test`, so that a recording it reads is found by the same path. */
const SAMPLES = 'from/the/readme';

/** Installs packages, given by name or already listed in its package.json, into a folder. */
export async function install(project, shelf, names = []) {
  mkdirSync(project, { recursive: true });
  if (!existsSync(path.join(project, 'package.json'))) writeFileSync(path.join(project, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...shelf.args, ...names], { cwd: project });
}

/** `@irqchip/smp`, `@irqchip/smp/di`, …: what there is to import. */
export function entriesOf({ name, exports = {} }) {
  return Object.keys(exports).filter((entry) => !entry.endsWith('.json')).map((entry) => name + entry.slice(1));
}

/** Files that use every entry: `uses.mjs`, `uses.cjs`, `types.mts`, `types.cts`. */
export function writeUses(project, entries) {
  const files = {
    'uses.mjs': (entry, i) => `import * as m${i} from '${entry}';\nif (Object.keys(m${i}).length === 0) throw new Error('${entry} exports nothing');`,
    'uses.cjs': (entry) => `if (Object.keys(require('${entry}')).length === 0) throw new Error('${entry} exports nothing');`,
    'types.mts': (entry, i) => `import * as m${i} from '${entry}';\nexport const k${i}: readonly string[] = Object.keys(m${i});`,
    'types.cts': (entry, i) => `import m${i} = require('${entry}');\nexport const k${i}: readonly string[] = Object.keys(m${i});`,
  };
  for (const [file, line] of Object.entries(files)) writeFileSync(path.join(project, file), `${entries.map(line).join('\n')}\n`);
}

/** What the README's `npm install` line names besides the package itself: its sample may use them. */
export function companions(readme, name) {
  const named = /^npm install (.*)$/m.exec(readme)?.[1].split(/\s+/) ?? [];
  return named.filter((word) => /^[@a-z]/.test(word) && word !== name);
}

/** Writes the README's first TypeScript sample as `.ts` and, without its types, as `.mjs`; returns its path without extension, or null. */
export async function writeSample(project, readme) {
  const sample = /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1];
  if (sample === undefined) return null;
  const folder = path.join(project, SAMPLES);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const [, file] of sample.matchAll(/'(?:\.\.\/){3}(testdata\/[^']+)'/g)) cpSync(path.join(root, file), path.join(project, file));
  const { code } = await transform(sample, { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  writeFileSync(path.join(folder, 'sample.ts'), sample);
  writeFileSync(path.join(folder, 'sample.mjs'), code);
  return path.join(SAMPLES, 'sample');
}

/** Whether the sample is a suite, which Jest runs with the preset; then there is a configuration for it. */
export function writeJestConfig(project, sample) {
  if (!/from '@irqchip\/testkit'/.test(readFileSync(path.join(project, `${sample}.ts`), 'utf8'))) return false;
  writeFileSync(path.join(project, 'jest.config.mjs'), `export default { preset: '@irqchip/testkit', testMatch: ['<rootDir>/${sample}.ts'] };\n`);
  return true;
}

const COMMON = { strict: true, noEmit: true, target: 'ES2022', lib: ['ES2023'] };
const RESOLUTIONS = {
  nodenext: { options: { module: 'NodeNext', moduleResolution: 'NodeNext' }, files: ['types.mts', 'types.cts'] },
  bundler: { options: { module: 'ESNext', moduleResolution: 'bundler' }, files: ['types.mts'] },
};

/** Type-checks the entries with all their declarations, and no types of Node's or Jest's around. */
export async function checkTypes(project, resolution) {
  const { options, files } = RESOLUTIONS[resolution];
  await typeCheck(project, resolution, { ...COMMON, ...options, types: [], skipLibCheck: false }, files);
}

/** Type-checks the sample as its reader would, with Node's types. */
export async function checkSampleTypes(project, sample) {
  const types = { types: ['node', 'jest'], typeRoots: [path.join(root, 'node_modules/@types')], skipLibCheck: true };
  await typeCheck(project, 'sample', { ...COMMON, ...RESOLUTIONS.nodenext.options, ...types }, [`${sample}.ts`]);
}

async function typeCheck(project, name, compilerOptions, files) {
  const config = path.join(project, `tsconfig.${name}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  try {
    await run(process.execPath, [tsc, '-p', config], { cwd: project });
  } catch (error) {
    // Declarations of others may want more types around them than were promised here.
    const ours = String(error.stdout).split('\n').filter((line) => /^\S.*error TS/.test(line) && !/^node_modules\/(?!@irqchip\/)/.test(line));
    if (ours.length > 0 || !error.stdout) throw new Error(ours.join('\n') || String(error), { cause: error });
  }
}
