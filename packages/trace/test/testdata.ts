import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readRecording, type Recording } from '@irqchip/trace';

const FOLDER = new URL('../../../testdata/qemu/', import.meta.url);

/** The text of a recording in testdata/qemu. */
export function recordingText(name: string): string {
  return gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, FOLDER))).toString('utf8');
}

export function recording(name: string): Recording { return readRecording(recordingText(name), name); }

/** The names of all recordings. */
export function allRecordings(): string[] {
  return readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl.gz')).map((file) => file.slice(0, -'.jsonl.gz'.length)).sort();
}
