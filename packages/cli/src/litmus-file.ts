import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LitmusTest } from '@irqchip/race';
import { IrqError } from '@irqchip/smp';
import { checkTest } from './litmus-check.ts';

/** More than any file of tests needs, and less than a damaged one could make of memory. */
const MOST_BYTES = 0x1000_0000;

/**
 * Reads litmus tests, compressed by gzip or not: a list of them, or an object with such a list as `tests`.
 * @throws IrqError `ENOENT` when the file cannot be read, `EINVAL` when it holds something else.
 */
export function readLitmusFile(file: string): LitmusTest[] {
  const content = parse(readText(file), file);
  const tests: unknown = Array.isArray(content) ? content : (content as { tests?: unknown } | null)?.tests;
  if (!Array.isArray(tests)) throw new IrqError('EINVAL', `${file}: no list of litmus tests; it is a list, or an object with the list as tests.`);
  if (tests.length === 0) throw new IrqError('EINVAL', `${file}: the list of tests is empty.`);
  return tests.map((test: unknown, index) => checkTest(test, `${file}: test ${index}`));
}

function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new IrqError('ENOENT', `cannot read the litmus tests ${file}: ${(error as Error).message}`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  try {
    return new TextDecoder().decode(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }));
  } catch (error) {
    throw new IrqError('EINVAL', `${file}: gzip cannot decompress it: ${(error as Error).message}.`);
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new IrqError('EINVAL', `${file} is no JSON: ${(error as Error).message}.`);
  }
}
