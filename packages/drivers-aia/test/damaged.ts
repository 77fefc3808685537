import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import type { Models } from './hardware-board.ts';

/** One place of the models, made wrong. */
export interface Fault {
  readonly what: string;
  /** In the folder hardware. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A recording, or the beginning of a rule's name. */
  readonly killedBy: string;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const files = [...readdirSync(join(ROOT, 'hardware'), { recursive: true, encoding: 'utf8' }).map((name) => join('hardware', name)), 'src/registers.ts'].filter((name) => name.endsWith('.ts'));
const sources = new Map(files.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
const compiled = new Map([...sources].map(([name, text]) => [name, compile(name, text)]));

function compile(path: string, text: string): string {
  const { code } = transformSync(text, { filename: path, swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  return code.replaceAll(/(from\s+['"]\.[^'"]*)\.ts(['"])/g, '$1.mjs$2');
}

/** The text of a source with the fault in; the place must be there, and once. */
function damage(text: string, { what, from, to }: Fault): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`"${what}": the place is there ${places} times; the model has changed, change the fault too`);
  return text.replace(from, () => to);
}

/** A copy of the models with one fault, in a folder of its own that is gone afterwards. */
export async function withDamagedModels<T>(fault: Fault, use: (models: Models) => T): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'aia-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
    for (const [name, code] of compiled) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      const text = name === join('hardware', fault.file) ? compile(name, damage(sources.get(name)!, fault)) : code;
      writeFileSync(join(home, name.replace(/\.ts$/, '.mjs')), text);
    }
    return use(await import(join(home, 'hardware/index.mjs')) as Models);
  } finally {
    rmSync(home, { recursive: true });
  }
}
