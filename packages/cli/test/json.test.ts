import { readFileSync } from 'node:fs';
import { boardFile, dts, irqchip, withFile } from './terminal.ts';

type Shape = 'string' | 'number' | 'boolean' | 'hex' | 'string?' | readonly [Shape] | { readonly [key: string]: Shape };

/** The documented shape of the report. */
const REPORT: Shape = {
  board: 'string', linux: 'string', mode: 'string',
  cpus: [{ cpu: 'number', hartid: 'number', online: 'boolean' }],
  log: ['string'],
  interrupts: 'string',
  irqs: [{
    virq: 'number', hwirq: 'number', domain: 'string?', chip: 'string', handler: 'string', status: 'hex', istate: 'hex', depth: 'number',
    dstate: 'hex', actions: ['string'], counts: ['number'],
  }],
  domains: [{ name: 'string', size: 'number', mapped: 'number', flags: 'hex', parent: 'string?' }],
  cpuhp: [{ state: 'number', name: 'string' }],
  ipis: { sent: 'number', handled: 'number', merged: 'number', lost: 'number' },
  diagnostics: [{ kind: 'string', message: 'string', cpu: 'number' }],
};

/** What was recorded of the multiplexed IPIs and of the local timer. */
function debugfs(recording: string): object[] {
  return readFileSync(boardFile(`${recording}/DEBUG_IRQ.txt`), 'utf8').split(/^==> /m).flatMap((section) => {
    const virq = /^\S*irqs\/(\d+) /.exec(section)?.[1];
    const chip = /^ *chip: +(IPI Mux|RISC-V INTC)$/m.exec(section)?.[1];
    const field = (name: string): string => new RegExp(`^${name}: +(\\S+)`, 'm').exec(section)![1]!;
    if (virq === undefined || chip === undefined || !/handle_percpu_devid_irq/.test(section)) return [];
    const hwirq = Number(/hwirq: +(\S+)/.exec(section)![1]);
    return [{ virq: Number(virq), hwirq, chip, handler: field('handler'), status: field('status'), istate: field('istate'), dstate: field('dstate'), depth: Number(field('ddepth')) }];
  });
}

/** Where `value` differs from `shape`: missing, surplus and mistyped members. */
function differences(value: unknown, shape: Shape, at: string): string[] {
  if (Array.isArray(shape)) {
    return Array.isArray(value) ? value.flatMap((item, i) => differences(item, shape[0] as Shape, `${at}[${i}]`)) : [`${at} is no array`];
  }
  if (typeof shape === 'object') {
    if (typeof value !== 'object' || value === null) return [`${at} is no object`];
    const members = Object.entries(shape).flatMap(([key, inner]) => differences((value as Record<string, unknown>)[key], inner, `${at}.${key}`));
    return [...members, ...Object.keys(value).filter((key) => !(key in shape)).map((key) => `${at}.${key} is not documented`)];
  }
  if (shape === 'hex') return typeof value === 'string' && /^0x[0-9a-f]{8}$/.test(value) ? [] : [`${at} is ${String(value)}`];
  if (shape === 'string?') return value === null || typeof value === 'string' ? [] : [`${at} is ${typeof value}`];
  if (shape === 'number') return Number.isSafeInteger(value) ? [] : [`${at} is ${String(value)}`];
  return typeof value === shape ? [] : [`${at} is ${typeof value}`];
}

const BOARDS: readonly (readonly [name: string, argv: readonly string[], cpus: number, recording: string])[] = [
  ['IMSIC, supervisor', [], 4, 'linux-6.12-debugfs/imsic-smp4'],
  ['SBI, supervisor, Linux 7.2, boot hart 3', [boardFile('linux-7.2-debugfs/plic-smp4/qemu.dtb'), '--linux', '7.2', '--boot-hart', '3'], 4, 'linux-7.2-debugfs/plic-smp4'],
  ['CLINT, machine mode', [boardFile('linux-7.2-mmode/mmode-smp4/qemu.dtb'), '--mode', 'M', '--linux', '7.2', '--boot-hart', '2'], 4, 'linux-7.2-mmode/mmode-smp4'],
  ['one hart', [boardFile('linux-6.12-debugfs/plic-smp1/linux-sees.dtb')], 1, 'linux-6.12-debugfs/plic-smp1'],
];

describe.each(BOARDS)('--json, %s', (_name, argv, cpus, recording) => {
  const { status, out, err } = irqchip(['boot', ...argv, '--json']);
  const report = JSON.parse(out);

  test('is one object of the documented shape and nothing else', () => {
    expect(differences(report, REPORT, 'report')).toEqual([]);
    expect([status, err]).toEqual([0, '']);
  });

  test('its parts agree with each other', () => {
    expect(report.cpus).toHaveLength(cpus);
    expect(report.irqs.map(({ counts }: { counts: number[] }) => counts.length)).toEqual(report.irqs.map(() => cpus));
    expect(report.ipis.handled + report.ipis.merged + report.ipis.lost).toBe(report.ipis.sent);
    expect(report.ipis.sent > 0).toBe(cpus > 1);
    expect(report.irqs.flatMap(({ actions }: { actions: string[] }) => actions)).not.toContain('');
    const names = report.domains.map(({ name }: { name: string }) => name);
    for (const { domain } of report.irqs) expect(names).toContain(domain);
    expect(report.interrupts).toBe(irqchip(['boot', ...argv, '--quiet']).out.replace(/\n[^\n]*\n$/, ''));
  });

  test('each irq says what debugfs of a real kernel said of it', () => {
    const recorded = debugfs(recording);
    expect(recorded.length).toBeGreaterThanOrEqual(9);
    expect(report.irqs).toEqual(expect.arrayContaining(recorded.map((irq) => expect.objectContaining(irq))));
  });

  test('hotplug states are the kernel\'s', () => {
    const listed = readFileSync(boardFile(`${recording}/HOTPLUG_STATES.txt`), 'utf8');
    const ours = report.cpuhp.filter(({ name }: { name: string }) => /^(irqchip|clockevents|cpu:bringup|offline|online)/.test(name));
    expect(ours.length).toBeGreaterThan(2);
    for (const { state, name } of ours) expect(listed).toContain(`${String(state).padStart(3)}: ${name}\n`);
  });
});

test.each([
  ['no interrupt controller', dts(1).replace('"riscv,cpu-intc"', '"acme,none"'), [], 1, 'ENODEV'],
  ['a tree that is none', 'what is this', [], 1, 'EINVAL'],
  ['a boot hart that is not there', dts(1), ['--boot-hart', '5'], 1, 'ENOENT'],
  ['wrong usage', dts(1), ['--cpus', '1e3'], 2, 'USAGE'],
])('--json, %s: the error as an object, the sentence beside it', (_name, source, argv, expected, code) => {
  withFile(source, (file) => {
    const { status, out, err } = irqchip(['boot', file, '--json', ...argv]);
    const { error, ...rest } = JSON.parse(out);
    expect([status, error.code, rest]).toEqual([expected, code, {}]);
    expect(err).toContain(error.message);
    expect(error.message.length).toBeGreaterThan(20);
  });
});
