import type { LinuxVersion } from '@irqchip/irqdesc';
import { irqDebugShow } from '../src/proc/debugfs.ts';
import { showInterrupts } from '../src/proc/interrupts.ts';
import { procDefaultSmpAffinity, procIrqFiles, procIrqHandlers } from '../src/proc/proc-irq.ts';
import { sysKernelIrqFiles } from '../src/proc/sysfs.ts';
import { addActions, archRows, boardFromDebugfs, debugBlocks, recorded, rows, setCounts } from './proc-board.ts';

const BOARDS: readonly (readonly [board: string, linux: LinuxVersion])[] = [
  ['linux-6.12-debugfs/plic-smp1', '6.12'],
  ['linux-6.12-debugfs/plic-smp4', '6.12'],
  ['linux-6.12-debugfs/plic-dev-smp4', '6.12'],
  ['linux-6.12-debugfs/aplic-smp4', '6.12'],
  ['linux-6.12-debugfs/imsic-smp4', '6.12'],
  ['linux-6.12-debugfs/imsic-dev-smp4', '6.12'],
  ['linux-7.2-debugfs/plic-smp4', '7.2'],
  ['linux-7.2-debugfs/imsic-smp4', '7.2'],
  ['linux-7.2-mmode/mmode-smp4', '7.2'],
];
const FULL_PROC = BOARDS.filter(([board]) => !board.includes('mmode'));

describe('debugfs irqs/N is what the kernel wrote, byte for byte', () => {
  test.each(BOARDS)('%s', (board, linux) => {
    const genirq = boardFromDebugfs(board, linux);
    const blocks = debugBlocks(board);
    expect(blocks.size).toBeGreaterThan(10);
    for (const [irq, text] of blocks) expect(irqDebugShow(genirq.irqToDesc(irq)!)).toBe(text);
  });

  test.each([
    ['linux-6.12-debugfs/imsic-dev-smp4', 'DEBUG_IRQ.aff1.txt'],
    ['linux-6.12-debugfs/imsic-dev-smp4', 'DEBUG_IRQ.aff1_offline1.txt'],
    ['linux-6.12-debugfs/plic-dev-smp4', 'DEBUG_IRQ.aff1.txt'],
  ])('%s after affinity changes, %s', (board, file) => {
    const genirq = boardFromDebugfs(board, '6.12', file);
    for (const [irq, text] of debugBlocks(board, file)) expect(irqDebugShow(genirq.irqToDesc(irq)!)).toBe(text);
  });
});

describe('/proc/interrupts is what the kernel wrote, byte for byte', () => {
  const withOffline = BOARDS.filter(([board]) => !board.includes('mmode') && !board.includes('smp1')).map(([board, linux]) => [board, linux, 'INTERRUPTS.offline1.txt'] as const);
  const online = BOARDS.map(([board, linux]) => [board, linux, 'INTERRUPTS.txt'] as const);

  test.each([...online, ...withOffline])('%s (%s), %s', (board, linux, file) => {
    const genirq = boardFromDebugfs(board, linux);
    const { online: onlineMask } = genirq.smp.cpus;
    if (file.includes('offline1')) onlineMask.clear(1);
    for (const { irq, counts, flow, actions } of rows(board, file)) {
      const desc = genirq.irqToDesc(irq)!;
      desc.name = flow;
      addActions(desc, actions);
      setCounts(desc, onlineMask, counts);
    }
    for (const desc of genirq.descs) if (desc.settings & (1 << 20)) addActions(desc, ['IPI']);
    const widths: number[] = [];
    const text = showInterrupts(genirq, (prec) => { widths.push(prec); return archRows(board, file); });
    expect(text).toBe(recorded(board, file));
    expect(widths).toEqual([linux === '6.12' ? 3 : 4]);
  });
});

describe('/proc/irq/N is what the kernel wrote', () => {
  const lines = (board: string): string[] => recorded(board, 'PROC_IRQ.txt').split('--- entries')[0]!.trimEnd().split('\n');

  test.each(FULL_PROC)('%s', (board, linux) => {
    const genirq = boardFromDebugfs(board, linux);
    const all = lines(board);
    const number = (irq: number, key: string): number => Number(new RegExp(`^${irq}/spurious:${key} (\\d+)`, 'm').exec(all.join('\n'))![1]);
    const written: string[] = [`default_smp_affinity:${procDefaultSmpAffinity(genirq)}`.trimEnd()];
    const irqs = [...new Set(all.slice(1).map((line) => Number(line.split('/')[0])))];
    for (const irq of irqs) {
      const desc = genirq.irqToDesc(irq)!;
      desc.irqCount = number(irq, 'count');
      desc.irqsUnhandled = number(irq, 'unhandled');
      const lastMs = number(irq, 'last_unhandled');
      desc.lastUnhandledNs = lastMs === 0 ? 0 : (lastMs + 300_000 - 2 ** 32) * 1e6;
      for (const [file, text] of procIrqFiles(desc)) for (const line of text.trimEnd().split('\n')) written.push(`${irq}/${file}:${line}`);
    }
    expect(written).toEqual(all);
  });

  test('handlers have directories, a shared name has one, a chained interrupt has none', () => {
    const board = 'linux-6.12-debugfs/plic-dev-smp4';
    const genirq = boardFromDebugfs(board, '6.12');
    for (const { irq, actions } of rows(board, 'INTERRUPTS.txt')) addActions(genirq.irqToDesc(irq)!, actions);
    const directories = [...recorded(board, 'PROC_IRQ.txt').split('--- entries')[1]!.matchAll(/\b18\/(nvme\S*)/g)].map((match) => match[1]).sort();
    expect(procIrqHandlers(genirq.irqToDesc(18)!).sort()).toEqual(directories);
    const desc = genirq.irqToDesc(18)!;
    addActions(desc, ['eth0', 'eth0', 'usb']);
    expect(procIrqHandlers(desc)).toEqual(['eth0', 'usb']);
    expect(procIrqHandlers(genirq.irqToDesc(11)!)).toEqual([]);
  });
});

describe('/sys/kernel/irq/N is what the kernel wrote', () => {
  test.each(FULL_PROC)('%s', (board, linux) => {
    const genirq = boardFromDebugfs(board, linux);
    const all = recorded(board, 'SYS_KERNEL_IRQ.txt').trimEnd().split('\n');
    const value = (irq: number, file: string): string | undefined => new RegExp(`^${irq}/${file}:(.*)$`, 'm').exec(all.join('\n'))?.[1];
    const written: string[] = [];
    const irqs = [...new Set(all.map((line) => Number(line.split('/')[0])))];
    for (const irq of irqs) {
      const desc = genirq.irqToDesc(irq)!;
      const actions = value(irq, 'actions');
      if (actions !== undefined && actions !== '(null)') addActions(desc, actions.split(','));
      desc.name = value(irq, 'name') ?? null;
      setCounts(desc, genirq.smp.cpus.possible, value(irq, 'per_cpu_count')!.split(',').map(Number));
      for (const [file, text] of sysKernelIrqFiles(desc)) if (text !== '') written.push(`${irq}/${file}:${text}`.trimEnd());
    }
    expect(written).toEqual(all);
  });
});
