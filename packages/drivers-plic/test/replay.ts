import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Plic, type PlicOptions } from '@irqchip/drivers-plic/hardware';
import type { HardwareTarget } from '@irqchip/riscv';
import { MEI, plicContext, SEI, Wires } from './wires.ts';

interface Step {
  i: number; op: string; off?: string; value?: string; result?: string; src?: number; level?: number; lag?: number;
  net?: [number, string, number][]; lines?: Record<string, number>[];
}

interface Header { harts: number; sources: string; contexts: { ctx: number; hart: number; line: string }[] }

const LINES: readonly (readonly [string, number])[] = [['MEI', MEI], ['SEI', SEI]];

export interface Recording { header: Header; steps: Step[] }

export function readRecording(name: string): Recording {
  const bytes = readFileSync(new URL(`../../../testdata/qemu/${name}.jsonl.gz`, import.meta.url));
  const [header, ...steps] = gunzipSync(bytes).toString().trim().split('\n').map((line) => JSON.parse(line) as unknown);
  return { header: header as Header, steps: steps as Step[] };
}

export interface Replayed { reads: number; levels: number; differences: string[] }

/** Puts the recorded accesses to a fresh model; compares every read and, after every step, every line. */
export function replay({ header, steps }: Recording, options: PlicOptions = {}, Model: typeof Plic = Plic, most = Infinity): Replayed {
  const wires = new Wires();
  const targets: HardwareTarget[] = [];
  for (const { ctx, hart, line } of header.contexts) targets[ctx] = { hartid: hart, irq: line === 'MEI' ? MEI : SEI };
  const plic = new Model(plicContext(wires, targets, { 'riscv,ndev': [Number(header.sources.split('..')[1])] }, options));
  const expected: Record<string, number>[] = Array.from({ length: header.harts }, () => ({ MEI: 0, SEI: 0 }));
  const seen: Replayed = { reads: 0, levels: 0, differences: [] };
  for (const step of steps) {
    if (seen.differences.length >= most) break;
    const off = Number(step.off);
    if (step.op === 'line') plic.setInput(step.src!, step.level === 1);
    else if (step.op === 'writel') plic.write(off, 4, Number(step.value) | 0);
    else if (step.op === 'readl') {
      seen.reads++;
      const got = plic.read(off, 4) >>> 0;
      if (got !== Number(step.result)) seen.differences.push(`step ${step.i}: ${step.off} reads 0x${got.toString(16)}, recorded ${step.result}`);
    }
    for (const [hart, line, level] of step.net ?? []) if (line in expected[hart]!) expected[hart]![line] = level;
    // Where enable writes are lazy, the recorded lag is the model's own.
    if (!step.lag || options.quirks !== undefined) compare(step, wires, expected, seen);
  }
  return seen;
}

function compare(step: Step, wires: Wires, expected: Record<string, number>[], seen: Replayed): void {
  for (let hart = 0; hart < expected.length; hart++) {
    for (const [name, irq] of LINES) {
      const want = step.lines?.[hart]?.[name] ?? expected[hart]![name];
      seen.levels++;
      if (Number(wires.level(hart, irq)) !== want) seen.differences.push(`step ${step.i}: ${name} of hart ${hart} is ${1 - want!}, recorded ${want}`);
    }
  }
}
