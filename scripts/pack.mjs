// Packs packages as they would be published. Needs `pnpm build`.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const PNPM = ['-y', 'pnpm@10.34.9'];

/** The folders of packages/ that hold one. */
export const packageNames = readdirSync(path.join(root, 'packages')).filter((name) => existsSync(path.join(root, 'packages', name, 'package.json')));

/** Packs these into `destination`; returns the tarball of each, by folder name. Throws with pnpm's words. */
export async function pack(names, destination) {
  mkdirSync(destination, { recursive: true });
  try {
    await promisify(execFile)('npx', [...PNPM, '-r', ...names.flatMap((name) => ['--filter', `./packages/${name}`]), 'pack', '--pack-destination', destination], { cwd: root });
  } catch (error) {
    throw new Error(`pnpm pack failed: ${error.stdout}${error.stderr}`);
  }
  return new Map(names.map((name) => [name, path.join(destination, tarballOf(name))]));
}

function tarballOf(name) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'packages', name, 'package.json'), 'utf8'));
  return `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
}
