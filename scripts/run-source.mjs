import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs one TypeScript file of this workspace in a Node of its own, from sources, with the terminal and the exit status
 * passed through.
 */
export function runSource(file, args, nodeArgs = []) {
  const { status, signal, error } = spawnSync(process.execPath, [
    '--conditions=@irqchip/source',
    '--no-warnings',
    '--enable-source-maps',
    ...nodeArgs,
    '--import', new URL('register-ts.mjs', import.meta.url).href,
    file,
    ...args,
  ], { stdio: 'inherit', cwd: userDirectory() });
  if (error) throw error;
  process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
}

/** pnpm moves to the workspace root; file names on the command line are meant from where the user stood. */
function userDirectory() {
  const { INIT_CWD, npm_lifecycle_event: script } = process.env;
  const movedByPnpm = path.resolve(process.cwd()) === path.resolve(root) && script !== 'test';
  return movedByPnpm && INIT_CWD ? INIT_CWD : process.cwd();
}
