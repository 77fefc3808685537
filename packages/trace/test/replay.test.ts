import { deviceModels, readRecording, replay } from '@irqchip/trace';
import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { recording, recordingText } from './testdata.ts';

type Mutable = Record<string, unknown> & { i: number; op: string; net?: unknown };

/** A recording with one line changed. */
function altered(name: string, step: number, change: (line: Mutable) => void): string {
  return recordingText(name).trimEnd().split('\n').map((line, index) => {
    const parsed = JSON.parse(line) as Mutable;
    if (index === 0 || parsed.i !== step) return line;
    change(parsed);
    return JSON.stringify(parsed);
  }).join('\n');
}

/** The framework's model with its instances changed. */
function doctored(compatible: string, change: (instance: HardwareInstance, ctx: HardwareContext) => HardwareInstance): HardwareModel[] {
  const model = deviceModels.find((each) => each.compatible.includes(compatible))!;
  return [{ compatible: [compatible], create: (ctx) => change(model.create(ctx), ctx) }, ...deviceModels];
}

/** Two harts, one PLIC of five sources; every step of the caller's. */
function small(steps: readonly object[], header: object = {}): string {
  return [{
    format: 'qtest-trace-1', qemu: 'none', device: 'plic', harts: 2, sources: '1..5', bases: { plic: '0xc000000' }, reset_lines: [{ MTI: 1 }, {}],
    contexts: [{ ctx: 0, hart: 0, line: 'MEI' }, { ctx: 1, hart: 1, line: 'SEI' }], ...header,
  }, ...steps].map((line) => JSON.stringify(line)).join('\n');
}

describe('a difference is noticed', () => {
  test('one wrong value in a read: its step, register and both values', () => {
    const text = altered('plic-rand-101', 0, (line) => { line['result'] = '0x5'; });
    const { reads, lines, differences, file } = replay(readRecording(text, 'changed'));
    expect(differences).toEqual([{ step: 0, note: '', register: expect.any(String) as string, model: '0x0', recorded: '0x5' }]);
    expect([file, reads.total - reads.equal, lines.total - lines.equal]).toEqual(['changed', 1, 0]);
  });

  test('a line that moves one step late is listed once, and counted at each step at which it differs', () => {
    const { steps } = recording('plic-rand-101');
    const moved = steps.find(({ net, lag }, at) => net.length === 1 && !lag && steps[at + 1]!.net.length === 0 && !steps[at + 1]!.lag && steps[at + 1]!.op === 'read')!;
    const change = [moved.net[0]!.hart, moved.net[0]!.line, Number(moved.net[0]!.level)];
    const next = steps[steps.indexOf(moved) + 1]!;
    const late = readRecording(altered('plic-rand-101', moved.i, (line) => { delete line.net; }));
    const text = readRecording(altered('plic-rand-101', next.i, (line) => { line.net = [change]; }));
    const merged = { ...late, steps: late.steps.map((step) => step.i === next.i ? text.steps.find(({ i }) => i === next.i)! : step) };
    const { differences, lines } = replay(merged);
    expect(differences).toEqual([{ step: moved.i, note: '', register: `${change[1]} of hart ${change[0]}`, model: String(change[2]), recorded: String(1 - (change[2] as number)) }]);
    expect(lines.total - lines.equal).toBe(1);
  });

  test('a model that reads one wrong value once', () => {
    let reads = 0;
    const models = doctored('riscv,imsics', (instance) => ({
      ...instance, devices: instance.devices.map((device) => ({ read: () => (++reads === 3 ? 1 : 0), write: (...args) => device.write(...args) })),
    }));
    const { differences } = replay(recording('imsic-rand-101'), { models });
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ model: '0x1', recorded: '0x0' });
  });

  test('a model that forgets to raise a line', () => {
    const models = doctored('sifive,plic-1.0.0', (_, ctx) => {
      const lines = Object.assign(Object.create(ctx.lines) as typeof ctx.lines, { setLine: (hart: number, irq: number, level: boolean) => { if (hart !== 1) ctx.lines.setLine(hart, irq, level); } });
      return deviceModels.find((each) => each.compatible.includes('sifive,plic-1.0.0'))!.create({ ...ctx, lines });
    });
    const { differences } = replay(recording('plic-rand-101'), { models });
    expect(new Set(differences.map(({ register }) => register))).toEqual(new Set(['MEI of hart 1', 'SEI of hart 1', 'mip of hart 1']));
  });

  test('the last note goes with a difference', () => {
    const text = altered('imsic-directed', 27, (line) => { line['result'] = '0x21'; });
    expect(replay(readRecording(text)).differences[0]).toMatchObject({ step: 27, note: 'pending without enable/delivery', register: 'mireg of hart 0', model: '0x20', recorded: '0x21' });
  });
});

describe('what is not compared', () => {
  const READ = { op: 'readl', dev: 'plic', reg: 'priority[1]', off: '0x4', addr: '0xc000004', result: '0x7' };

  test('steps of the skip list, which are applied all the same', () => {
    const write = { i: 1, op: 'writel', dev: 'plic', off: '0x4', addr: '0xc000004', value: '0x3' };
    const text = small([write, { i: 2, ...READ }, { i: 3, ...READ, result: '0x3' }]);
    const { differences, skipped, reads } = replay(readRecording(text), { skip: [{ from: 1, to: 2, reason: 'for the test' }] });
    expect([differences, skipped, reads]).toEqual([[], [{ step: 1, reason: 'for the test' }, { step: 2, reason: 'for the test' }], { equal: 1, total: 1 }]);
  });

  test('from a step marked quirk to the next note; with quirks everything is', () => {
    const text = small([{ i: 1, ...READ, quirk: 1 }, { i: 2, ...READ }, { i: 3, op: 'note', text: 'on' }, { i: 4, ...READ }]);
    const strict = replay(readRecording(text));
    expect([strict.skipped.map(({ step }) => step), strict.reads.total]).toEqual([[1, 2], 1]);
    const lenient = replay(readRecording(text), { quirks: 'qemu-10.0' });
    expect([lenient.skipped, lenient.reads.total]).toEqual([[], 3]);
  });

  test('the lines after a step marked lag; with quirks they are', () => {
    const text = small([{ i: 1, ...READ, result: '0x0', lag: 1 }, { i: 2, ...READ, result: '0x0' }]);
    expect(replay(readRecording(text)).lines.total).toBe(2);
    expect(replay(readRecording(text), { quirks: 'qemu-10.0' }).lines.total).toBe(4);
  });

  test('CSRs in which no controller has a part', () => {
    const text = small([{ i: 1, op: 'csr_write', hart: 0, csr: 'mepc', value: '0x1' }, { i: 2, op: 'csr_read', hart: 0, csr: 'toString', result: '0x1' }, { i: 3, op: 'csr_read', hart: 0, csr: 'mip', result: '0x80' }]);
    const { skipped, reads } = replay(readRecording(text));
    expect(skipped).toEqual([{ step: 1, reason: 'mepc belongs to the hart, not to a controller' }, { step: 2, reason: 'toString belongs to the hart, not to a controller' }]);
    expect(reads).toEqual({ equal: 1, total: 1 });
  });
});

describe('the recorded machine', () => {
  test('where nobody answers, reads are 0 and writes are lost; so are misaligned ones', () => {
    const at = (off: number): object => ({ dev: 'plic', off: `0x${off.toString(16)}`, addr: `0x${(0xc000000 + off).toString(16)}` });
    const text = small([
      { i: 1, op: 'writel', ...at(6), value: '0x7' }, { i: 2, op: 'readl', ...at(6), result: '0x0' },
      { i: 3, op: 'writel', ...at(0x5000000), value: '0x7' }, { i: 4, op: 'readq', ...at(0x5000000), result: '0x0' },
      { i: 5, op: 'readl', ...at(4), result: '0x0' }, { i: 6, op: 'readl', ...at(8), result: '0x0' },
    ]);
    expect(replay(readRecording(text))).toMatchObject({ differences: [], reads: { equal: 4, total: 4 } });
  });

  test('an 8-byte access to a device of 4-byte registers is two accesses', () => {
    const wide = { dev: 'plic', off: '0x8', addr: '0xc000008' };
    const text = small([{ i: 1, op: 'writeq', ...wide, value: '0x300000002' }, { i: 2, op: 'readq', ...wide, result: '0x300000002' }]);
    expect(replay(readRecording(text)).differences).toEqual([]);
  });

  test('a context that leads nowhere takes a number and no line', () => {
    const text = small([{ i: 1, op: 'readl', dev: 'plic', off: '0x4', addr: '0xc000004', result: '0x0' }], { contexts: [{ ctx: 3, hart: 1, line: 'SEI' }] });
    expect(replay(readRecording(text)).lines).toEqual({ equal: 1, total: 1 });
  });
});

describe('other machines than those of testdata', () => {
  const HART = { MSI: 0, MTI: 1 };

  test('a timer alone, at the base of the CLINT', () => {
    const timer = { dev: 'mtimer', reg: 'mtimecmp[1]', off: '0x8', addr: '0x2000008' };
    const time = { dev: 'mtimer', reg: 'mtime', off: '0x7ff8', addr: '0x2007ff8' };
    const text = small([
      { i: 1, op: 'writeq', ...timer, value: '0x5', net: [[1, 'MTI', 0]] }, { i: 2, op: 'clock_step', ns: 5000, now: 5000, net: [[1, 'MTI', 1]] }, { i: 3, op: 'readq', ...time, result: '0x5' },
    ], { device: 'clint/aclint', bases: { mtimer: '0x2000000' }, reset_lines: [HART, HART], mtime_hz: 1_000_000 });
    expect(replay(readRecording(text))).toMatchObject({ differences: [], reads: { equal: 1, total: 1 }, lines: { equal: 6, total: 6 } });
  });

  test('a CLINT as one device', () => {
    const text = small([
      { i: 1, op: 'writel', dev: 'clint', off: '0x4', addr: '0x2000004', value: '0x1', net: [[1, 'MSI', 1]] }, { i: 2, op: 'readq', dev: 'clint', off: '0xbff8', addr: '0x200bff8', result: '0x0' },
    ], { device: 'clint/aclint', bases: { clint: '0x2000000' }, reset_lines: [HART, HART] });
    expect(replay(readRecording(text))).toMatchObject({ differences: [], reads: { equal: 1, total: 1 }, lines: { equal: 8, total: 8 } });
  });

  test('a PLIC of 31 priorities', () => {
    const at = { dev: 'plic', off: '0x4', addr: '0xc000004' };
    const text = small([{ i: 1, op: 'writel', ...at, value: '0x1f' }, { i: 2, op: 'readl', ...at, result: '0x1f' }], { priority_max: 31 });
    expect(replay(readRecording(text)).differences).toEqual([]);
  });

  test.each([1, 3])('guest files of two harts, %i each, are told apart by their pages', (guests) => {
    const pages = guests === 1 ? 2 : 4;
    const address = 0x28000000 + 0x1000 * (pages + guests);
    const csr = (name: string, value: string): object => ({ op: 'csr_write', hart: 1, csr: name, value });
    const script = [
      csr('hstatus', `0x${(guests << 12).toString(16)}`), csr('vsiselect', '0x70'), csr('vsireg', '0x1'), csr('vsiselect', '0xc0'), csr('vsireg', '0x10'),
      { op: 'writel', dev: 'imsic_s', off: `0x${(address - 0x28000000).toString(16)}`, addr: `0x${address.toString(16)}`, value: '0x4', net: [[1, `GEI${guests}`, 1]] },
      { op: 'csr_read', hart: 1, csr: 'hgeip', result: `0x${(1 << guests).toString(16)}` }, { op: 'csr_read', hart: 1, csr: 'vstopei', result: '0x40004' },
    ].map((step, i) => ({ i, ...step }));
    const text = small(script, { device: 'imsic', guests, bases: { imsic_m: '0x24000000', imsic_s: '0x28000000' }, reset_lines: [{}, {}] });
    const perStep = 2 * (2 + guests);
    expect(replay(readRecording(text))).toMatchObject({ differences: [], reads: { equal: 2, total: 2 }, lines: { equal: 8 * perStep, total: 8 * perStep } });
  });
});

describe('what cannot be replayed', () => {
  test('a device without a model is named', () => {
    expect(() => replay(recording('plic-rand-101'), { models: [] })).toThrow(expect.objectContaining({ code: 'ENODEV', message: 'There is no model of sifive,plic-1.0.0 or riscv,plic0; give the replay one.' }));
  });

  test('wires of a model that has none', () => {
    const models = doctored('sifive,plic-1.0.0', ({ devices }) => ({ devices }));
    expect(() => replay(recording('plic-rand-101'), { models })).toThrow(expect.objectContaining({ code: 'ENODEV', message: expect.stringMatching(/^plic-rand-101, step \d+: The recording moves wires of a controller, and its model has none\.$/) as string }));
  });

  test('an access that the model refuses is told with its step', () => {
    const text = altered('imsic-rand-101', recording('imsic-rand-101').steps.find((step) => step.op === 'csr-write' && step.csr === 'miselect')!.i, (line) => { line['value'] = '0x81'; });
    expect(() => replay(readRecording(text, 'bad'))).toThrow(expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(/^bad, step \d+: Illegal instruction/) as string }));
  });

  test('guest files that the recorded machine has not', () => {
    const text = recordingText('imsic-directed').replace('"csr":"hstatus","value":"0x1000"', '"csr":"hstatus","value":"0x2000"');
    expect(() => replay(readRecording(text, 'bad'))).toThrow(/^bad, step \d+: Illegal instruction: hstatus\.VGEIN is 2 on hart 0/);
  });

  test('quirks of a version that nobody recorded', () => {
    expect(() => replay(recording('plic-directed'), { quirks: 'qemu-9.9' as 'qemu-7.2' })).toThrow(expect.objectContaining({ code: 'EINVAL', message: "There are no quirks 'qemu-9.9'; there are those of qemu-7.2, qemu-10.0, qemu-11.1." }));
  });
});
