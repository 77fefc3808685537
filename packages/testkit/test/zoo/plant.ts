import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IrqchipDriver } from '@irqchip/irqdomain';
import type { ZooFault } from './faults.ts';
import type { Subject } from './subjects.ts';

const DRIVERS = new URL('./drivers/', import.meta.url);

export function sourceOf(subject: Subject): string {
  return readFileSync(new URL(`${subject}.ts`, DRIVERS), 'utf8');
}

/** Imports one of the small drivers, with a fault in it, from a private copy. */
export async function plant(fault: ZooFault): Promise<IrqchipDriver> {
  const { driver: subject } = fault;
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'irqchip-zoo-'));
  try {
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(path.join(folder, `${subject}.ts`), broken(fault));
    return (await import(path.join(folder, `${subject}.ts`)) as { driver: IrqchipDriver }).driver;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function broken({ driver: subject, find, replace, uses }: ZooFault): string {
  const pieces = sourceOf(subject).split(find);
  if (pieces.length !== 2) throw new Error(`${subject}.ts has ${pieces.length - 1} times what a fault replaces, not once: ${find}`);
  if (find === replace) throw new Error(`a fault of ${subject}.ts changes nothing: ${find}`);
  return (uses === '' ? '' : `import { ${uses} } from '@irqchip/genirq-core';\n`) + pieces.join(replace);
}
