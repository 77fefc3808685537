/** The APLIC boards that Linux 6.12.107 booted on under QEMU 10.0.2: log, debugfs and the refused moves, from the recordings. */
import { readFileSync } from 'node:fs';
import { injectInterrupt, IRQ_HANDLED, irqDebugShow, irqSetAffinity, requestIrq, writeSmpAffinity } from '@irqchip/genirq-core';
import { domainDebugFiles, domainIrqDebugShow } from '@irqchip/irqdomain';
import { CpuMask, errnoOf } from '@irqchip/smp';
import { AplicBench, HIGH, type AplicNode } from './aplic-bench.ts';

const DIR = new URL('../../../testdata/linux/linux-6.12-debugfs/', import.meta.url);
const recorded = (board: string, file: string): string => readFileSync(new URL(`${board}/${file}`, DIR), 'utf8');

/** One file of a debugfs listing. */
function debugFile(board: string, listing: string, name: string): string {
  const [, text] = recorded(board, listing).split(`==> ${name} <==\n`);
  return text!.split('\n==> ')[0]!.replace(/\n+$/, '');
}

interface Board { name: string; nodes: { base: number; cpus: number[] }[] }

const BOARDS: Board[] = [
  { name: 'aplic-smp4', nodes: [{ base: 0xd000000, cpus: [0, 1, 2, 3] }] },
  { name: 'aplic-numa2-smp4', nodes: [{ base: 0xd000000, cpus: [0, 1] }, { base: 0xd008000, cpus: [2, 3] }] },
];

/** As far as the recorded kernel got: SBI's IPIs and the timer first, then the APLICs, a serial port and a clock. */
function boot({ nodes }: Board): { bench: AplicBench; nodes: AplicNode[]; irqs: number[] } {
  const bench = new AplicBench({ irqsBefore: [1], irqsAfter: [5] });
  const made = nodes.map(({ base, cpus }) => bench.node({ base, parents: cpus.map((cpu) => ({ cpu, irq: 9 })) }));
  for (const node of made) node.probe();
  const irqs = [10, 11].map((source) => made[0]!.map(source, HIGH));
  for (const irq of irqs) requestIrq(bench.m.genirq, irq, () => IRQ_HANDLED, 0, 'device');
  return { bench, nodes: made, irqs };
}

/** A serial port probes for its interrupt and leaves a mark, which no APLIC knows of; one snapshot caught it in progress. */
const plain = (text: string): string => text
  .replace('status:   0x00000504\n            _IRQ_NOPROBE\n', 'status:   0x00000104\n')
  .replace('dstate:   0x02443204', 'dstate:   0x02403204').replace('            IRQD_IRQ_INPROGRESS\n', '');

describe.each(BOARDS)('$name', (board) => {
  const show = (bench: AplicBench, irq: number): string => irqDebugShow(bench.m.genirq.irqToDesc(irq)!, domainIrqDebugShow).replace(/\n+$/, '');

  test('the log', () => {
    const { bench } = boot(board);
    const lines = recorded(board.name, 'DMESG_FILTERED.txt').split('\n').map((line) => line.replace(/^\[ *[\d.]+\] /, ''));
    const first = lines.findIndex((line) => line.includes('irq_create_mapping') && line.endsWith('0x9)'));
    const expected = lines.slice(first, lines.findLastIndex((line) => line.startsWith('riscv-aplic')) + 1);
    const own = bench.m.log();
    const start = own.findIndex((line) => line.endsWith('0x9)'));
    const pointers = (line: string): string => line.replace(/\(0x\(?\w+\)?, /, '(DOMAIN, ');
    expect(own.slice(start, start + expected.length).map(pointers)).toEqual(expected.map(pointers));
  });

  test('debugfs: the domains', () => {
    const { bench } = boot(board);
    // Not the stand-in for the local controllers' driver.
    const files = domainDebugFiles(bench.m.domains).filter(({ name }) => name !== 'default' && !name.startsWith(':cpus'));
    for (const { name, text } of files) expect(text.replace(/\n+$/, '')).toBe(debugFile(board.name, 'DEBUG_IRQ.txt', `domains/${name}`));
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(board.nodes.map(({ base }) => `:soc:interrupt-controller@${base.toString(16)}`)));
  });

  test('debugfs: the chained parent and the interrupts', () => {
    const { bench, irqs } = boot(board);
    expect(irqs).toEqual([12, 13]);
    for (const irq of irqs) expect(show(bench, irq)).toBe(plain(debugFile(board.name, 'DEBUG_IRQ.txt', `irqs/${irq}`)));
    // The memory node comes from a part of the tree that is not here.
    const nowhere = (text: string): string => text.replace(/^node: .*$/m, '');
    expect(nowhere(show(bench, 11))).toBe(nowhere(debugFile(board.name, 'DEBUG_IRQ.txt', 'irqs/11')));
  });

  test('moved to CPU 1, which then goes: debugfs', () => {
    const { bench, irqs } = boot(board);
    for (const irq of irqs) writeSmpAffinity(bench.m.genirq, irq, '2');
    for (const irq of irqs) expect(show(bench, irq)).toBe(plain(debugFile(board.name, 'DEBUG_IRQ.aff1.txt', `irqs/${irq}`)));
    bench.m.cpuhp.cpuDown(1);
    for (const irq of irqs) expect(show(bench, irq)).toBe(plain(debugFile(board.name, 'DEBUG_IRQ.aff1_offline1.txt', `irqs/${irq}`)));
    bench.m.cpuhp.cpuUp(1);
    for (const irq of irqs) expect(show(bench, irq)).toBe(plain(debugFile(board.name, 'DEBUG_IRQ.aff1_online1.txt', `irqs/${irq}`)));
  });

  test('writes of 2 to smp_affinity: only the APLIC\'s interrupts take them', () => {
    const { bench } = boot(board);
    for (const line of recorded(board.name, 'SETAFF1.txt').trim().split('\n')) {
      const [, irq, result] = /^irq (\d+) (ok|refused)/.exec(line)!;
      let errno = 0;
      try { writeSmpAffinity(bench.m.genirq, Number(irq), '2'); } catch (error) { errno = errnoOf(error); }
      expect([irq, errno === 0 ? 'ok' : 'refused']).toEqual([irq, result]);
    }
  });

  test('injection is refused, for a level cannot be resent', () => {
    const { bench, irqs } = boot(board);
    expect(recorded(board.name, 'INJECT.txt')).toMatch(new RegExp(`Invalid argument\nirq ${irqs[0]} failed`));
    expect(() => injectInterrupt(bench.m.genirq, irqs[0]!)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});

test('a socket\'s interrupt does not go to the other socket', () => {
  const { bench, irqs } = boot(BOARDS[1]!);
  expect(() => irqSetAffinity(bench.m.genirq, irqs[0]!, new CpuMask(4, [2]))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});
