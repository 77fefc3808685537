#!/usr/bin/env node
// Packs every package as it would be published and checks what is in the tarball. Needs `pnpm build` before.
//   node scripts/check-packages.mjs [NAME…]   all packages, or those named (`smp`, `ipi-mux`, …)
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { pack, packageNames } from './pack.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
/** Bytes of the tarball, LICENSE and README included. */
const LIMIT_BYTES = 40_000;
const LICENCE = 'GPL-2.0-only';
const AT_ONCE = 2;

async function main(names) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'irqchip-packages-'));
  let failed = 0;
  try {
    const queue = [...await pack(names, scratch)];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [name, tarball] = next;
        const { bytes, problems } = await checkPackage(name, tarball, path.join(scratch, name));
        console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} @irqchip/${name}: ${(bytes / 1000).toFixed(1)} kB packed`);
        for (const problem of problems) console.log(`       ${problem}`);
        if (problems.length > 0) failed++;
      }
    }));
  } finally {
    rmSync(scratch, { recursive: true });
  }
  console.log(`packages: ${names.length} packed, ${failed} with problems`);
  process.exitCode = failed > 0 || names.length === 0 ? 1 : 0;
}

async function checkPackage(name, tarball, scratch) {
  const folder = path.join(root, 'packages', name);
  const unpacked = path.join(scratch, 'package');
  mkdirSync(scratch);
  execFileSync('tar', ['xzf', tarball, '-C', scratch]);
  const bytes = statSync(tarball).size;
  const problems = [
    ...bytes > LIMIT_BYTES ? [`the tarball has ${bytes} bytes, more than ${LIMIT_BYTES}`] : [],
    ...checkContents(unpacked),
    ...checkManifest(unpacked),
    ...checkDependencies(folder),
    ...await checkWith('publint', ['node_modules/.bin/publint', tarball, '--strict']),
    ...await checkWith('attw', ['node_modules/.bin/attw', tarball, '--profile', 'esm-only', '--format', 'ascii']),
  ];
  return { bytes, problems };
}

function checkContents(unpacked) {
  const files = readdirSync(unpacked, { recursive: true }).map(String);
  const unwanted = files.filter((file) => /(^|\/)(test|tests|testdata|coverage|src\/.*\.ts|node_modules)(\/|$)|\.test\.|tsbuildinfo|\.map$/.test(file) && !file.startsWith('lib/src'));
  return [
    ...unwanted.map((file) => `${file} does not belong into the tarball`),
    ...['README.md', 'LICENSE'].filter((file) => !files.includes(file)).map((file) => `${file} is missing from the tarball`),
  ];
}

function checkManifest(unpacked) {
  const text = readFileSync(path.join(unpacked, 'package.json'), 'utf8');
  const manifest = JSON.parse(text);
  const entries = [...targets(manifest.exports), ...Object.values(manifest.bin ?? {})];
  return [
    ...manifest.license === LICENCE ? [] : [`license is ${manifest.license}, not ${LICENCE}`],
    ...entries.length === 0 ? ['exports nothing'] : [],
    ...entries.filter((entry) => !existsSync(path.join(unpacked, entry))).map((entry) => `the manifest points to ${entry}, which is not in the tarball`),
    ...['workspace:', 'catalog:', '@irqchip/source'].filter((word) => text.includes(word)).map((word) => `the published manifest still says ${word}`),
    ...['preinstall', 'install', 'postinstall', 'prepare'].filter((script) => manifest.scripts?.[script]).map((script) => `a ${script} script would run on the user's machine`),
  ];
}

function targets(exports) {
  if (typeof exports === 'string') return [exports];
  return Object.values(exports ?? {}).flatMap(targets);
}

/** What is imported and what is declared must be the same. */
function checkDependencies(folder) {
  const { name, dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const used = new Set(['src', 'hardware'].flatMap((part) => importedPackages(path.join(folder, part))));
  used.delete(name);
  return [
    ...[...declared].filter((dependency) => !used.has(dependency)).map((dependency) => `${dependency} is declared but not imported`),
    ...[...used].filter((dependency) => !declared.has(dependency)).map((dependency) => `${dependency} is imported but not declared`),
  ];
}

function importedPackages(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => ts.preProcessFile(readFileSync(path.join(folder, file), 'utf8')).importedFiles
    .map(({ fileName }) => fileName)
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')));
}

async function checkWith(tool, [command, ...args]) {
  try {
    await run(path.join(root, command), args, { cwd: root });
    return [];
  } catch (error) {
    return [`${tool}: ${`${error.stdout}${error.stderr}`.trim().replaceAll('\n', '\n       ')}`];
  }
}

await main(process.argv.length > 2 ? process.argv.slice(2) : packageNames);
