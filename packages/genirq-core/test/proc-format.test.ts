import { allocDescs, Genirq, type GenirqOptions, IRQ, IRQD, type IrqDesc, IRQS, makeIrqData } from '@irqchip/irqdesc';
import { CpuMask, Smp } from '@irqchip/smp';
import { irqDebugShow } from '../src/proc/debugfs.ts';
import { showInterrupts } from '../src/proc/interrupts.ts';
import { procIrqFiles } from '../src/proc/proc-irq.ts';
import { sysKernelIrqFiles } from '../src/proc/sysfs.ts';
import { addActions, setCounts } from './proc-board.ts';

function machine(options: GenirqOptions = {}): { genirq: Genirq; smp: Smp; desc: IrqDesc } {
  const smp = new Smp({ nrCpus: 2 });
  smp.cpus.online.set(1);
  const genirq = new Genirq(smp, options);
  const desc = genirq.irqToDesc(allocDescs(genirq, -1, 1, 1, -1))!;
  desc.irqData.chip = { name: 'mux8' };
  addActions(desc, ['line0']);
  return { genirq, smp, desc };
}

const lastRow = (text: string): string => text.trimEnd().split('\n').at(-1)!;

describe('/proc/interrupts', () => {
  test('without a domain the hwirq column is blank', () => {
    expect(lastRow(showInterrupts(machine().genirq))).toBe('  1:          0          0      mux8     Edge      line0');
    expect(lastRow(showInterrupts(machine({ linux: '7.2' }).genirq))).toBe('   1:          0          0  mux8           Edge      line0');
  });

  test('a chip without a name is a dash, one that prints itself stands as it printed', () => {
    const { genirq, desc } = machine();
    desc.irqData.domain = { name: 'd', ops: {} };
    desc.irqData.chip = { name: '' };
    expect(lastRow(showInterrupts(genirq))).toContain('         -   0 Edge');
    desc.irqData.chip = { name: 'hidden', irqPrintChip: (data) => ` gpio${data.irq}` };
    expect(lastRow(showInterrupts(genirq))).toBe('  1:          0          0  gpio1   0 Edge      line0');
  });

  test('hidden, chained and unrequested interrupts have no row', () => {
    const { genirq, desc } = machine();
    const shown = (): boolean => showInterrupts(genirq).includes('mux8');
    expect(shown()).toBe(true);
    desc.settings |= IRQ.HIDDEN;
    expect(shown()).toBe(false);
    desc.settings &= ~IRQ.HIDDEN;
    desc.action = genirq.chainedAction;
    expect(shown()).toBe(false);
    desc.action = null;
    expect(shown()).toBe(false);
  });

  test.each([['6.12', 64, 3], ['6.12', 999, 3], ['6.12', 1000, 4], ['6.12', 10_000, 5], ['7.2', 64, 4], ['7.2', 9999, 4], ['7.2', 10_000, 5]] as const)(
    '%s with nr_irqs %i: numbers are %i wide, in the header too', (linux, nrIrqs, width) => {
      const { genirq } = machine({ linux, nrIrqs });
      const [head, row] = showInterrupts(genirq).split('\n');
      expect(head).toBe(`${' '.repeat(width + 8)}CPU0       CPU1       `);
      expect(row).toMatch(new RegExp(`^ {${width - 1}}1:`));
    });

  test('the architecture is told the width and has the last rows', () => {
    expect(showInterrupts(machine().genirq, (prec) => `ERR:${'0'.padStart(prec)}\n`)).toMatch(/line0\nERR: {2}0\n$/);
  });

  test('7.2: the widest chip of any level makes the column, even where it has no row', () => {
    const { genirq, desc } = machine({ linux: '7.2' });
    const hidden = genirq.irqToDesc(allocDescs(genirq, -1, 1, 1, -1))!;
    hidden.irqData.chip = { name: 'a-very-long-chip-name' };
    desc.irqData.domain = { name: 'd', ops: {} };
    expect(lastRow(showInterrupts(genirq))).toBe('   1:          0          0  mux8                     0 Edge      line0');
    hidden.irqData.parentData = makeIrqData(hidden.irq, { name: 'an-even-longer-parent-chip' }, hidden.common, null);
    expect(lastRow(showInterrupts(genirq))).toBe('   1:          0          0  mux8                          0 Edge      line0');
  });

  test('7.2: a device interrupt without a total shows zeros, a per-CPU one its counts', () => {
    const { genirq, desc } = machine({ linux: '7.2' });
    setCounts(desc, [0, 1], [3, 4]);
    desc.totCount = 0;
    expect(lastRow(showInterrupts(genirq))).toContain('   1:          0          0  ');
    desc.settings |= IRQ.PER_CPU_DEVID;
    expect(lastRow(showInterrupts(genirq))).toContain('   1:          3          4  ');
  });

  test('columns are the online CPUs', () => {
    const { genirq, desc, smp } = machine();
    setCounts(desc, [0, 1], [3, 4]);
    smp.cpus.online.clear(0);
    expect(showInterrupts(genirq)).toBe('           CPU1       \n  1:          4      mux8     Edge      line0\n');
  });
});

describe('debugfs', () => {
  test('every bit has its name', () => {
    const { desc } = machine();
    desc.settings = -1;
    desc.istate = -1;
    desc.common.state = -1;
    desc.irqData.chip = { name: 'all', flags: 0x1fff };
    const text = irqDebugShow(desc);
    const names = text.split('\n').filter((line) => line.startsWith('            ')).map((line) => line.trim());
    expect(names.filter((name) => name.startsWith('_IRQ_'))).toHaveLength(9);
    expect(names.filter((name) => name.startsWith('IRQS_'))).toHaveLength(9);
    expect(names.filter((name) => name.startsWith('IRQ_TYPE_'))).toHaveLength(4);
    expect(names.filter((name) => name.startsWith('IRQD_'))).toHaveLength(22);
    expect(names.filter((name) => name.startsWith('IRQCHIP_'))).toHaveLength(12);
    expect(names).not.toContain('IRQCHIP_AFFINITY_PRE_STARTUP');
    expect(text).toContain('status:   0xffffffff\n');
  });

  test('7.2 shows the pending mask, 6.12 has none', () => {
    const recent = machine({ linux: '7.2' });
    recent.desc.pendingMask = new CpuMask(2, [1]);
    expect(irqDebugShow(recent.desc)).toContain('\npending:  1\ndomain:  \n');
    expect(irqDebugShow(machine().desc)).not.toContain('pending');
  });

  test('what the domain adds follows what the chip adds, at the level\'s indentation; an empty line is empty', () => {
    const { desc } = machine();
    desc.irqData.chip = { name: 'c', debugShow: () => ['chip line'] };
    const text = irqDebugShow(desc, (data) => ['', ` address of ${data.irq}`]);
    expect(text.endsWith('  flags:   0x0\n chip line\n\n  address of 1\n')).toBe(true);
  });

  test('the suspended and pending states have names', () => {
    const { desc } = machine();
    desc.istate = IRQS.SUSPENDED | IRQS.PENDING | IRQS.TIMINGS;
    expect(irqDebugShow(desc)).toContain('istate:   0x00001a00\n            IRQS_PENDING\n            IRQS_SUSPENDED\nddepth');
  });
});

describe('/proc/irq/N and /sys/kernel/irq/N', () => {
  test('smp_affinity shows a pending move instead of what holds, and the hint its mask', () => {
    const { desc } = machine({ linux: '7.2' });
    desc.pendingMask = new CpuMask(2, [1]);
    expect(procIrqFiles(desc).get('smp_affinity')).toBe('3\n');
    desc.common.state |= IRQD.SETAFFINITY_PENDING;
    desc.affinityHint = new CpuMask(2, [0]);
    const files = procIrqFiles(desc);
    expect([files.get('smp_affinity'), files.get('smp_affinity_list'), files.get('affinity_hint')]).toEqual(['2\n', '1\n', '1\n']);
  });

  test('last_unhandled counts in jiffies that start five minutes before they wrap', () => {
    const { desc } = machine();
    const shown = (ms: number): string | undefined => { desc.lastUnhandledNs = ms * 1e6; return procIrqFiles(desc).get('spurious')?.split('\n')[2]; };
    expect(shown(2739)).toBe('last_unhandled 4294670032 ms');
    expect(shown(300_004)).toBe('last_unhandled 4 ms');
    expect(shown(0)).toBe('last_unhandled 0 ms');
  });

  test('wakeup and type follow the state; several actions are joined by commas; a missing name is an empty file', () => {
    const { desc } = machine();
    addActions(desc, ['a', 'b']);
    desc.common.state |= IRQD.WAKEUP_STATE | IRQD.LEVEL;
    const files = sysKernelIrqFiles(desc);
    expect([files.get('wakeup'), files.get('type'), files.get('actions'), files.get('name'), files.get('hwirq')]).toEqual(['enabled\n', 'level\n', 'a,b\n', '', '']);
  });
});
