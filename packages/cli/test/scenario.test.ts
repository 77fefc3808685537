import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { boardFile, irqchip, withFile } from './terminal.ts';

interface Step {
  readonly name: string;
  readonly interrupts: string;
  readonly irqs: Readonly<Record<string, string>>;
  readonly domains: Readonly<Record<string, string>>;
  readonly procIrq: Readonly<Record<string, string>>;
  readonly sysKernelIrq: Readonly<Record<string, string>>;
  readonly writes: readonly string[];
}

interface Report { readonly boot: Step; readonly steps: readonly Step[]; readonly setaff1: readonly string[]; readonly inject: readonly string[]; readonly interrupts: string }

const PLIC4 = 'linux-6.12-debugfs/plic-smp4';
const consumers = (name: string): string => new URL(`../../../testdata/consumers/${name}.json`, import.meta.url).pathname;

function report(scenario: string, board = PLIC4, ...more: readonly string[]): Report {
  const { status, out, err } = irqchip(['boot', boardFile(`${board}/qemu.dtb`), '--scenario', scenario, '--json', ...more]);
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out) as Report;
}

function recorded(board: string, file: string): string { return readFileSync(boardFile(`${board}/${file}`), 'utf8'); }

test.each([
  ['hotplug', ['offline1', 'online1']],
  ['affinity', ['aff1', 'aff1_offline1', 'aff1_online1']],
  ['inject', ['inject']],
])('%s has the steps %j, with every text of each', (scenario, names) => {
  const { boot, steps } = report(scenario);
  expect(steps.map(({ name }) => name)).toEqual(names);
  for (const step of [boot, ...steps]) {
    expect(step.interrupts).toMatch(/SiFive PLIC +10 Edge +ttyS0\n/);
    expect(step.irqs['12']).toMatch(/^handler: +handle_fasteoi_irq\n/);
    expect(Object.keys(step.domains)).toEqual([':cpus:cpu@0:interrupt-controller', ':soc:plic@c000000', 'IPI-Mux-6', 'default']);
    expect(step.procIrq['12/smp_affinity_list']).toMatch(/^[\d,-]+\n$/);
    expect(step.sysKernelIrq['12/actions']).toBe('ttyS0\n');
  }
});

test('SETAFF1.txt and INJECT.txt come out as recorded', () => {
  expect(`${report('affinity').setaff1.join('\n')}\n`).toBe(recorded(PLIC4, 'SETAFF1.txt'));
  const lines = recorded(PLIC4, 'INJECT.txt').split('\n').filter((line) => /^irq \d+ (ok|failed|skipped)/.test(line));
  expect(report('inject').inject).toEqual(lines);
});

test('the texts at the top are those of the end', () => {
  const { interrupts, steps } = report('hotplug');
  expect(interrupts).toBe(steps.at(-1)!.interrupts);
});

test('as text, each step is headed by its name and shows what was written', () => {
  const { out, status } = irqchip(['boot', boardFile(`${PLIC4}/qemu.dtb`), '--scenario', 'affinity']);
  expect(status).toBe(0);
  expect(out).toMatch(/\n--- boot\n==> \/proc\/interrupts <==\n {11}CPU0/);
  expect(out).toContain('\n--- aff1\nirq 1 refused aff=f eff=0\nirq 10 refused aff=f eff=0\nirq 12 ok aff=2 eff=2\n');
  expect(out).toContain('\n==> irqs/12 <==\nhandler:  handle_fasteoi_irq\n');
  expect(out).toContain('\n--- aff1_offline1\ncpu 1 offline\n==> /proc/interrupts <==\n           CPU0       CPU2       CPU3       \n');
});

test('--quiet leaves debugfs out', () => {
  const { out } = irqchip(['boot', '--scenario', 'inject', '--quiet']);
  expect(out).toContain('\n--- inject\nirq 1 skipped (IPI Mux)\n');
  expect(out).not.toContain('irqs/');
});

test('a scenario that needs CPU1 is refused on a board without it; inject is not', () => {
  const board = boardFile('linux-6.12-debugfs/plic-smp1/qemu.dtb');
  expect(irqchip(['boot', board, '--scenario', 'hotplug', '--json']).err).toBe('irqchip: EINVAL: Scenario hotplug takes CPU1 off and on, and this machine has no CPU1 that is online; give it more CPUs, or choose inject.\n');
  expect(report('inject', 'linux-6.12-debugfs/plic-smp1').steps).toHaveLength(1);
});

test('a machine-mode kernel cannot stop a hart', () => {
  const { steps } = report('hotplug', 'linux-7.2-mmode/mmode-smp4', '--mode', 'M', '--linux', '7.2', '--boot-hart', '2');
  expect(steps[0]!.interrupts).toMatch(/^ +CPU0 +CPU1 +CPU2 +CPU3 +\n/);
});

test('an unknown scenario is wrong usage', () => {
  expect(irqchip(['boot', '--scenario', 'dance'])).toMatchObject({ status: 2, err: expect.stringMatching(/^irqchip: --scenario is hotplug or affinity or inject, not 'dance'\n/) });
});

describe('--consumers', () => {
  test('cards request what their file says', () => {
    const { boot } = report('inject', 'linux-6.12-debugfs/imsic-dev-smp4', '--consumers', consumers('imsic-dev-smp4'));
    const rows = (text: string): string[] => text.split('\n').flatMap((line) => /(?:PCI-MSIX|APLIC-MSI).*$/.exec(line)?.[0] ?? []);
    expect(rows(boot.interrupts)).toEqual(rows(recorded('linux-6.12-debugfs/imsic-dev-smp4', 'INTERRUPTS.txt')));
  });

  test('a file that is not there, no JSON, or no list of consumers is refused', () => {
    expect(irqchip(['boot', '--consumers', '/nowhere.json']).err).toMatch(/^irqchip: ENOENT: cannot read the consumers: .*nowhere\.json/);
    withFile('', (board) => {
      const file = path.join(path.dirname(board), 'consumers.json');
      for (const [text, sentence] of [['[', /^irqchip: EINVAL: .*consumers\.json is no JSON: /], ['{}', /^irqchip: EINVAL: Consumers are a list:/]] as const) {
        writeFileSync(file, text);
        expect(irqchip(['boot', '--consumers', file]).err).toMatch(sentence);
      }
    });
  });
});
