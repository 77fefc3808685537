import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Board, type Models } from './hardware-board.ts';

interface Step { i: number; op: string; hart: number; csr: string; dev: string; off: string; value: string; result: string; src: number; level: number; net?: [number, string, number][] }
interface Header { harts: number; mode?: 'direct' | 'msi'; guests?: number }

const CSRS: Readonly<Record<string, number>> = {
  siselect: 0x150, sireg: 0x151, stopei: 0x15c, miselect: 0x350, mireg: 0x351, mtopei: 0x35c,
  vsiselect: 0x250, vsireg: 0x251, vstopei: 0x25c, hstatus: 0x600, hgeip: 0xe12,
};
const LINES: Readonly<Record<string, number>> = { SEI: 9, MEI: 11 };
const HGEIP = 0xe12;

const low = (hex: string): number => Number(BigInt.asIntN(32, BigInt(hex)));
const high = (hex: string): number => Number(BigInt.asIntN(32, BigInt(hex) >> 32n));

/** Whether the models give, in every read and every line, what a recording of QEMU's devices says (testdata/qemu). */
export function agrees(name: string, models: Models, quirks?: 'qemu-7.2' | 'qemu-10.0' | 'qemu-11.1'): boolean {
  const text = gunzipSync(readFileSync(new URL(`../../../testdata/qemu/${name}.jsonl.gz`, import.meta.url))).toString('utf8');
  const [header, ...steps] = text.trim().split('\n').map((line) => JSON.parse(line) as unknown) as [Header, ...Step[]];
  const options = quirks === undefined ? {} : { quirks };
  const board = new Board({ harts: header.harts, mode: header.mode ?? 'msi', guestBits: header.guests ? 1 : 0, aplic: options, imsic: options }, models);
  const lines: Record<string, number>[] = Array.from({ length: header.harts }, () => ({ SEI: 0, MEI: 0 }));
  return steps.every((step) => {
    const same = !(step.op in APPLY) || APPLY[step.op]!(board, step);
    for (const [hart, line, level] of step.net ?? []) lines[hart]![line] = level;
    return same && lines.every((levels, hart) => Object.entries(levels).every(([line, level]) => lineOf(board, hart, line) === (level !== 0)));
  });
}

function lineOf(board: Board, hart: number, line: string): boolean {
  return line === 'GEI1' ? (board.csr(hart, HGEIP).read() & 2) !== 0 : board.line(hart, LINES[line]!);
}

/** Applies a step; false when it reads something else than recorded. */
const APPLY: Readonly<Record<string, (board: Board, step: Step) => boolean>> = {
  line: (board, { src, level }) => (board.wire(src, level !== 0), true),
  csr_write: (board, { hart, csr, value }) => (board.csr(hart, CSRS[csr]!).write(low(value), high(value)), true),
  csr_read: (board, { hart, csr, result }) => {
    if (csr === 'mip') return true;
    const port = board.csr(hart, CSRS[csr]!);
    return port.read() === low(result) && (port.readHi?.() ?? 0) === high(result);
  },
  readl: (board, { dev, off, result }) => board.read(dev, Number(off)) === low(result) >>> 0,
  writeb: (board, step) => write(board, step, 1),
  writew: (board, step) => write(board, step, 2),
  writel: (board, step) => write(board, step, 4),
  writeq: (board, step) => write(board, step, 8),
};

function write(board: Board, { dev, off, value }: Step, width: number): boolean {
  board.write(dev, Number(off), low(value), width);
  if (width === 8) board.write(dev, Number(off) + 4, high(value), width);
  return true;
}
