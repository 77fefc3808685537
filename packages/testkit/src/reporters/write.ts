import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { stdout } from 'node:process';

/** Where a report goes: a file below the run's folder, or standard output. */
export function writeReport(text: string, rootDir: string, outputFile: string | undefined): void {
  if (outputFile === undefined) {
    stdout.write(text);
    return;
  }
  const file = resolve(rootDir, outputFile);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
