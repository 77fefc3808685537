import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One step of a recording of QEMU's device models ("qtest-trace-1"). */
export interface TraceStep {
  i: number;
  op: string;
  hart: number;
  csr: string;
  dev: string;
  reg: string;
  off: string;
  value: string;
  result: string;
  text: string;
  net?: [number, string, number][];
  lines?: Record<string, number>[];
}

export interface TraceHeader { qemu: string; harts: number; guests: number; disciplined: boolean; reset_lines: Record<string, number>[] }

/** Reads a recording from testdata/qemu. */
export function readTrace(name: string): { header: TraceHeader; steps: TraceStep[] } {
  const bytes = readFileSync(new URL(`../../../testdata/qemu/${name}.jsonl.gz`, import.meta.url));
  const [header, ...steps] = gunzipSync(bytes).toString('utf8').trim().split('\n').map((line) => JSON.parse(line) as unknown);
  return { header: header as TraceHeader, steps: steps as TraceStep[] };
}
