import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { IrqError } from '@irqchip/smp';
import { readRecording, type Recording } from '@irqchip/trace';

/** More than any recording needs, and less than a damaged file could make of memory. */
const MOST_BYTES = 0x1000_0000;

/**
 * Reads a recording, compressed by gzip or not.
 * @throws IrqError `ENOENT` when the file cannot be read, `EINVAL` when it is no recording.
 */
export function readRecordingFile(file: string): Recording {
  const bytes = readBytes(file);
  return readRecording(bytes[0] === 0x1f && bytes[1] === 0x8b ? decompress(bytes, file) : bytes, file);
}

function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new IrqError('ENOENT', `cannot read the recording ${file}: ${(error as Error).message}`);
  }
}

function decompress(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }));
  } catch (error) {
    throw new IrqError('EINVAL', `${file}: gzip cannot decompress it: ${(error as Error).message}.`);
  }
}
