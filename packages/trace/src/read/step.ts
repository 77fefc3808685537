import type { LineChange, RecordingHeader, RecordingStep } from '../format.ts';
import { lineNumber } from '../lines.ts';
import type { Fields } from './fields.ts';
import { readLevels } from './header.ts';

type Width = 1 | 2 | 4 | 8;
type Head = Pick<RecordingStep, 'i' | 'net' | 'lag' | 'quirk'>;

const WIDTHS: Readonly<Record<string, Width>> = { b: 1, w: 2, l: 4, q: 8 };
const OPS = 'read or write with b, w, l or q at its end, line, clock_step, csr_read, csr_write, lines, note';
const MAX_NS = Number.MAX_SAFE_INTEGER;

/** One line after the first. `nowNs` is the time before it. @throws IrqError `EINVAL` */
export function readStep(fields: Fields, header: RecordingHeader, nowNs: number): RecordingStep {
  const op = fields.string('op');
  const head: Head = { i: fields.whole('i', 0, MAX_NS), net: readNet(fields, header.harts), lag: flag(fields, 'lag'), quirk: flag(fields, 'quirk') };
  const hart = (): number => fields.whole('hart', 0, header.harts - 1);
  switch (op) {
    case 'note': return { ...head, op, text: fields.string('text') };
    case 'line': return { ...head, op, source: fields.whole('src', 0, header.sources), level: fields.level('level') };
    case 'clock_step': return { ...head, op: 'clock', now: readNow(fields, nowNs) };
    case 'csr_read': return { ...head, op: 'csr-read', hart: hart(), csr: fields.string('csr'), result: fields.hex('result') };
    case 'csr_write': return { ...head, op: 'csr-write', hart: hart(), csr: fields.string('csr'), value: fields.hex('value') };
    case 'lines': return { ...head, op, lines: readLevels(fields, 'lines', header.harts), mip: readMip(fields, header.harts) };
    default: return readAccess(fields, header, op, head);
  }
}

function readAccess(fields: Fields, header: RecordingHeader, op: string, head: Head): RecordingStep {
  const [, what, suffix] = /^(read|write)([bwlq])$/.exec(op) ?? fields.refuse('op', OPS);
  const width = WIDTHS[suffix!]!;
  const dev = fields.string('dev');
  const base = header.bases.get(dev) ?? fields.refuse('dev', `one of ${[...header.bases.keys()].join(', ')}`);
  const address = fields.address('addr');
  if (address !== base + fields.address('off')) fields.refuse('addr', `base ${hex(base)} of ${dev} plus "off"`);
  const access = { ...head, width, dev, reg: fields.has('reg') ? fields.string('reg') : hex(address), address };
  return what === 'read'
    ? { ...access, op: 'read', result: inWidth(fields, 'result', width) }
    : { ...access, op: 'write', value: inWidth(fields, 'value', width) };
}

function inWidth(fields: Fields, name: string, width: Width): bigint {
  const value = fields.hex(name);
  return value < 1n << BigInt(8 * width) ? value : fields.refuse(name, `a value of ${width} bytes`);
}

function readNow(fields: Fields, nowNs: number): number {
  const ns = fields.whole('ns', 0, MAX_NS);
  if (!fields.has('now')) return nowNs + ns <= MAX_NS ? nowNs + ns : fields.refuse('ns', 'less: time ends at 2^53 ns');
  return fields.whole('now', nowNs, MAX_NS);
}

function readMip(fields: Fields, harts: number): bigint[] | null {
  if (!fields.has('mip')) return null;
  const list = fields.list('mip');
  if (list.length !== harts || !list.every((value) => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value))) fields.refuse('mip', `a list of ${harts} hex strings, one a hart`);
  return list.map((value) => BigInt(value as string));
}

function readNet(fields: Fields, harts: number): LineChange[] {
  if (!fields.has('net')) return [];
  return fields.list('net').map((each) => {
    const [hart, line, level] = Array.isArray(each) ? each as unknown[] : [];
    const known = typeof hart === 'number' && Number.isInteger(hart) && hart >= 0 && hart < harts
      && typeof line === 'string' && lineNumber(line) >= 0 && (level === 0 || level === 1);
    return known ? { hart, line, level: level === 1 } : fields.refuse('net', 'a list of [hart, line, level]');
  });
}

function flag(fields: Fields, name: string): boolean { return fields.has(name) && fields.level(name); }

function hex(value: number): string { return `0x${value.toString(16)}`; }
