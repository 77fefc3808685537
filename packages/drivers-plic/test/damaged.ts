import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import type { Plic } from '@irqchip/drivers-plic/hardware';

/** One place of the model, made wrong. */
export interface Fault {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A recording that shows it, or the spec case. */
  readonly killedBy: string;
}

const ROOT = new URL('../', import.meta.url);

/** The text of a source with the fault in; the place must be there, and once. */
function damage(text: string, { what, from, to }: Fault): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`"${what}": the place is there ${places} times; the model has changed, change the fault too`);
  return text.replace(from, to);
}

function compile(path: string, text: string): string {
  const { code } = transformSync(text, { filename: path, swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  return code.replaceAll(/(from\s+['"]\.[^'"]*)\.ts(['"])/g, '$1.mjs$2');
}

/** A copy of the model with one fault, in a folder of its own that is gone afterwards. */
export async function withDamagedModel<T>(fault: Fault, use: (model: typeof Plic) => T): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'plic-'));
  try {
    for (const folder of ['hardware', 'src']) mkdirSync(join(home, folder));
    for (const name of [...readdirSync(new URL('hardware/', ROOT)).map((file) => `hardware/${file}`), 'src/registers.ts']) {
      const text = readFileSync(new URL(name, ROOT), 'utf8');
      writeFileSync(join(home, name.replace(/\.ts$/, '.mjs')), compile(name, name === `hardware/${fault.file}` ? damage(text, fault) : text));
    }
    const { Plic: model } = await import(join(home, 'hardware/plic.mjs')) as { Plic: typeof Plic };
    return use(model);
  } finally {
    rmSync(home, { recursive: true });
  }
}
