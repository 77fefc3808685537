import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** One place in one file of a package, and what it is changed to. */
export interface Fault {
  /** From the package's folder: `hardware/mswi.ts`. */
  readonly file: string;
  /** A piece of that file; it must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Imports a package's source with a fault planted, from a private copy: the package itself is not touched, and every call
 * gives a module of its own. What the package imports from others is the real thing.
 *
 *     const { Mswi } = await importWithFault<typeof import('…/hardware')>(new URL('..', import.meta.url), 'hardware/index.ts', fault);
 */
export async function importWithFault<T>(packageFolder: URL, entry: string, { file, find, replace }: Fault): Promise<T> {
  const from = fileURLToPath(packageFolder);
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'irqchip-fault-'));
  try {
    for (const part of ['package.json', 'src', 'hardware']) if (existsSync(path.join(from, part))) cpSync(path.join(from, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(from, 'node_modules'), path.join(folder, 'node_modules'));
    const source = readFileSync(path.join(folder, file), 'utf8');
    const pieces = source.split(find);
    if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times what the fault should replace, not once: ${find}`);
    if (find === replace) throw new Error(`the fault in ${file} changes nothing: ${find}`);
    writeFileSync(path.join(folder, file), pieces.join(replace));
    return await import(path.join(folder, entry)) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One place of a package's hardware models, made wrong. */
export interface HardwareFault {
  readonly what: string;
  /** In the folder hardware. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What finds it: a recording, or the beginning of a rule's name. */
  readonly killedBy: string;
}

/** The package's models with that fault in: {@link importWithFault} of `hardware/index.ts`. */
export function importFaultyHardware<T>(packageFolder: URL, { file, from, to }: HardwareFault): Promise<T> {
  return importWithFault<T>(packageFolder, 'hardware/index.ts', { file: `hardware/${file}`, find: from, replace: to });
}
