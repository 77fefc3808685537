import { ImsicHardware, type ImsicFile, type ImsicOptions } from '../hardware/index.ts';
import { FakeLines, hardwareContext } from './fake-lines.ts';
import type { TraceHeader, TraceStep } from './qtest-trace.ts';

/** A step at which model and recording disagree. */
export interface Difference { step: number; note: string; what: string; model: string; recorded: string }

export interface Replay { compared: number; skipped: number; differences: Difference[] }

const CSR_NUMBERS: Record<string, number> = {
  siselect: 0x150, sireg: 0x151, stopei: 0x15c,
  miselect: 0x350, mireg: 0x351, mtopei: 0x35c,
};
/** CSRs of the hart, not of its IMSIC. */
const OF_THE_HART = new Set(['mip', 'hstatus', 'hgeip']);
const LINE_NUMBERS: Record<string, number> = { SEI: 9, MEI: 11 };

const halves = (hex: string): [number, number] => {
  const value = BigInt(hex);
  return [Number(value & 0xffffffffn) | 0, Number(value >> 32n) | 0];
};
const joined = (lo: number, hi: number): string => `0x${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`;

/** Puts the recorded accesses to a fresh model of the recorded machine; compares every read and every line. */
export function replay(header: TraceHeader, steps: readonly TraceStep[], options: ImsicOptions = {}): Replay {
  const harts = header.harts;
  const lines = new FakeLines();
  const guestBits = header.guests === 0 ? 0 : Math.ceil(Math.log2(header.guests + 1));
  const make = (base: number, irq: number, bits: number): ImsicHardware => new ImsicHardware(hardwareContext(lines, {
    properties: { 'riscv,num-ids': 255, ...(bits > 0 ? { 'riscv,guest-index-bits': bits } : {}) },
    regions: [{ base, size: (harts << bits) * 0x1000 }],
    targets: Array.from({ length: harts }, (_, hartid) => ({ hartid, irq })),
  }), options);
  const devices: Record<string, ImsicHardware> = { imsic_m: make(0x24000000, 11, 0), imsic_s: make(0x28000000, 9, guestBits) };
  const expected = header.reset_lines.map(({ SEI, MEI }) => ({ SEI, MEI }) as Record<string, number>);
  const result: Replay = { compared: 0, skipped: 0, differences: [] };
  let note = '';

  const compare = (step: TraceStep, what: string, model: string, recorded: string): void => {
    result.compared++;
    if (model !== recorded) result.differences.push({ step: step.i, note, what, model, recorded });
  };
  const guest = (hart: number): ImsicFile => devices.imsic_s!.file(hart, 1);
  const readCsr = ({ hart, csr }: TraceStep): string => {
    if (csr.startsWith('vs')) {
      const file = guest(hart);
      return csr === 'vsireg' ? joined(file.readIreg(), file.readIregHi()) : joined(file.topei(), 0);
    }
    const port = lines.csr(hart, CSR_NUMBERS[csr]!);
    return joined(port.read(), port.readHi?.() ?? 0);
  };
  const writeCsr = ({ hart, csr, value }: TraceStep): void => {
    const [lo, hi] = halves(value);
    if (!csr.startsWith('vs')) lines.csr(hart, CSR_NUMBERS[csr]!).write(lo, hi);
    else if (csr === 'vsiselect') guest(hart).select = lo;
    else if (csr === 'vsireg') guest(hart).writeIreg(lo, hi);
    else guest(hart).claim();
  };

  for (const step of steps) {
    const width = { writeb: 1, writew: 2, writel: 4, writeq: 8, readb: 1, readw: 2, readl: 4, readq: 8 }[step.op];
    if (step.op === 'note') note = step.text;
    else if (step.csr !== undefined && OF_THE_HART.has(step.csr)) result.skipped++;
    else if (step.op === 'csr_read') compare(step, `${step.csr} of hart ${step.hart}`, readCsr(step), BigInt(step.result) === 0n ? '0x0' : `0x${BigInt(step.result).toString(16)}`);
    else if (step.op === 'csr_write') writeCsr(step);
    else if (width !== undefined && step.op.startsWith('write')) devices[step.dev]!.devices[0]!.write(Number(step.off), width, halves(step.value)[0]);
    else if (width !== undefined) compare(step, step.reg, joined(devices[step.dev]!.devices[0]!.read(Number(step.off), width), 0), `0x${BigInt(step.result).toString(16)}`);
    else if (step.op === 'lines') step.lines!.forEach(({ SEI, MEI }, hart) => Object.assign(expected[hart]!, { SEI, MEI }));
    else result.skipped++;

    for (const [hart, name, level] of step.net ?? []) if (name in LINE_NUMBERS) expected[hart]![name] = level;
    for (let hart = 0; hart < harts; hart++) {
      for (const name of ['SEI', 'MEI']) {
        compare(step, `${name} of hart ${hart}`, String(Number(lines.isPending(hart, LINE_NUMBERS[name]!))), String(expected[hart]![name]));
      }
    }
  }
  return result;
}
