import { IrqError } from '@irqchip/smp';
import type { LineLevels, RecordedContext, RecordedDevice, RecordingHeader } from '../format.ts';
import { lineNumber } from '../lines.ts';
import { Fields } from './fields.ts';

export const FORMAT = 'qtest-trace-1';

/** More harts than any controller here has registers for. */
const MAX_HARTS = 4095;
const MAX_SOURCES = 1023;
const DEVICES: Readonly<Record<string, RecordedDevice>> = { 'clint/aclint': 'clint', plic: 'plic', aplic: 'aplic', imsic: 'imsic' };
/** Devices that steps may address, by what was recorded. */
const PARTS: Readonly<Record<RecordedDevice, readonly string[]>> = {
  clint: ['mswi', 'mtimer', 'sswi', 'clint'],
  plic: ['plic'],
  aplic: ['aplic_m', 'aplic_s', 'imsic_m', 'imsic_s'],
  imsic: ['imsic_m', 'imsic_s'],
};

/** The first line: which machine was recorded. @throws IrqError `EINVAL` */
export function readHeader(fields: Fields): RecordingHeader {
  const format = fields.has('format') ? fields.string('format') : 'not given';
  if (format !== FORMAT) throw new IrqError('EINVAL', `${fields.where}: the format is ${format}; this reader knows ${FORMAT}.`);
  const name = fields.string('device');
  const device = Object.hasOwn(DEVICES, name) ? DEVICES[name]! : fields.refuse('device', `one of ${Object.keys(DEVICES).join(', ')}`);
  const harts = fields.whole('harts', 1, MAX_HARTS);
  const controller = device === 'plic' || device === 'aplic';
  return {
    qemu: fields.string('qemu'),
    device,
    mode: readMode(fields, device),
    harts,
    bases: readBases(fields.object('bases'), device),
    resetLines: readLevels(fields, 'reset_lines', harts),
    sources: controller ? readRange(fields, 'sources', MAX_SOURCES) : 0,
    identities: fields.has('identities') ? readRange(fields, 'identities', 2047) : 255,
    guests: fields.has('guests') ? fields.whole('guests', 0, 63) : 0,
    priorityMax: fields.has('priority_max') ? fields.whole('priority_max', 1, 0xffff_ffff) : 7,
    iprioBits: fields.has('iprio_bits') ? fields.whole('iprio_bits', 1, 8) : 3,
    contexts: device === 'plic' ? readContexts(fields, harts) : [],
    timebaseHz: fields.has('mtime_hz') ? fields.whole('mtime_hz', 1, 1_000_000_000) : 10_000_000,
  };
}

function readMode(fields: Fields, device: RecordedDevice): 'direct' | 'msi' {
  if (device !== 'aplic') return 'direct';
  const mode = fields.string('mode');
  return mode === 'direct' || mode === 'msi' ? mode : fields.refuse('mode', 'direct or msi');
}

function readBases(bases: Fields, device: RecordedDevice): Map<string, number> {
  const parts = PARTS[device];
  const found = new Map<string, number>();
  for (const name of bases.names()) {
    if (!parts.includes(name)) bases.refuse(name, `left out: a ${device} has ${parts.join(', ')}`);
    found.set(name, bases.address(name));
  }
  if (found.size === 0) throw new IrqError('EINVAL', `${bases.where}: no device has a base address.`);
  return found;
}

/** "1..95": the last number. */
function readRange(fields: Fields, name: string, most: number): number {
  const last = Number(/^1\.\.(\d{1,4})$/.exec(fields.string(name))?.[1] ?? NaN);
  return last >= 1 && last <= most ? last : fields.refuse(name, `a range such as "1..95", up to ${most}`);
}

/** Levels of every hart's lines. @throws IrqError `EINVAL` */
export function readLevels(fields: Fields, name: string, harts: number): LineLevels[] {
  const list = fields.list(name);
  if (list.length !== harts) fields.refuse(name, `a list of ${harts}, one a hart`);
  return list.map((each, hart) => {
    const levels = new Fields(`${fields.where}: ${name}[${hart}]`, each);
    return Object.fromEntries(levels.names().map((line) => {
      if (lineNumber(line) < 0) levels.refuse(line, 'left out: no line of a hart has this name');
      return [line, levels.level(line)];
    }));
  });
}

function readContexts(fields: Fields, harts: number): (RecordedContext | null)[] {
  const contexts: (RecordedContext | null)[] = [];
  fields.list('contexts').forEach((each, index) => {
    const entry = new Fields(`${fields.where}: contexts[${index}]`, each);
    const line = entry.string('line');
    if (line !== 'MEI' && line !== 'SEI') entry.refuse('line', 'MEI or SEI');
    const ctx = entry.whole('ctx', 0, 15871);
    while (contexts.length < ctx) contexts.push(null);
    contexts[ctx] = { hart: entry.whole('hart', 0, harts - 1), line };
  });
  return contexts;
}
