import { readFileSync } from 'node:fs';
import { irqDebugShow, irqSetAffinity, injectInterrupt, showInterrupts, type LinuxVersion } from '@irqchip/genirq-core';
import { domainDebugShow } from '@irqchip/irqdomain';
import { CpuMask } from '@irqchip/smp';
import { Bench } from './bench.ts';

const BOARDS: readonly (readonly [string, LinuxVersion])[] = [['linux-6.12-debugfs/plic-smp4', '6.12'], ['linux-7.2-debugfs/plic-smp4', '7.2']];

const file = (board: string, name: string): string => readFileSync(new URL(`../../../testdata/linux/${board}/${name}`, import.meta.url), 'utf8');

/** One file of debugfs. A machine without NUMA has no node 0; the console's interrupt may be running while its file is read. */
function debugfs(board: string, name: string, path: string): string {
  const part = file(board, name).split('==> ').find((text) => text.startsWith(`${path} <==`))!;
  return part.slice(part.indexOf('\n') + 1).trimEnd()
    .replace(/node: +0/, 'node:     -1').replace('dstate:   0x02441200', 'dstate:   0x02401200').replace(/ +IRQD_IRQ_INPROGRESS\n/, '');
}

/** The two wires that QEMU's devices use, as Linux requests them. */
function boot(linux: LinuxVersion): { b: Bench; irqs: readonly number[] } {
  const b = new Bench({ linux }).boot();
  return { b, irqs: [10, 11].map((source) => b.request(source).irq) };
}

/** Recorded from Linux 6.12.107 and 7.2.13 on QEMU 10.0.2, `-M virt -smp 4`. There 12 and 13 are the wires, 11 the parent. */
describe.each(BOARDS)('%s', (board, linux) => {
  test('the log has the driver\'s line', () => {
    const line = file(board, 'DMESG_FILTERED.txt').split('\n').find((text) => text.includes('riscv-plic'))!;
    expect(boot(linux).b.log()).toEqual([line.replace(/^\[.*?\] /, '')]);
  });

  test('debugfs shows the interrupts and the domain', () => {
    const { b, irqs } = boot(linux);
    expect(irqDebugShow(b.desc(b.plics.parentIrq)).trimEnd()).toBe(debugfs(board, 'DEBUG_IRQ.txt', 'irqs/11'));
    expect(irqs.map((irq) => irqDebugShow(b.desc(irq)).trimEnd())).toEqual([12, 13].map((irq) => debugfs(board, 'DEBUG_IRQ.txt', `irqs/${irq}`)));
    expect(domainDebugShow(b.site.domain!).trimEnd()).toBe(debugfs(board, 'DEBUG_IRQ.txt', 'domains/:soc:plic@c000000'));
  });

  test('/proc/interrupts has the rows, of type Edge', () => {
    const { b } = boot(linux);
    const tail = (text: string): string[] => text.split('\n').filter((row) => row.includes('SiFive PLIC')).map((row) => row.slice(row.indexOf('SiFive')).replace(/ \S+$/, ''));
    expect(tail(showInterrupts(b.m.genirq))).toEqual(tail(file(board, 'INTERRUPTS.txt')));
  });

  test('a wire that was sent to CPU1, CPU1 going, and coming back', () => {
    const { b, irqs } = boot(linux);
    const shows = (name: string): void => expect(irqs.map((irq) => irqDebugShow(b.desc(irq)).trimEnd())).toEqual([12, 13].map((irq) => debugfs(board, name, `irqs/${irq}`)));
    for (const irq of irqs) irqSetAffinity(b.m.genirq, irq, CpuMask.of(4, 1));
    shows('DEBUG_IRQ.aff1.txt');
    b.m.cpuhp.cpuDown(1);
    shows('DEBUG_IRQ.aff1_offline1.txt');
    b.m.cpuhp.cpuUp(1);
    shows('DEBUG_IRQ.aff1_online1.txt');
    expect(file(board, 'SETAFF1.txt')).toContain('irq 12 ok aff=2 eff=2');
  });

  test('both wires can be triggered by software', () => {
    const { b, irqs } = boot(linux);
    for (const irq of irqs) expect(() => injectInterrupt(b.m.genirq, irq)).not.toThrow();
    expect(file(board, 'INJECT.txt')).toMatch(/irq 12 ok\nirq 13 ok/);
  });

  test('the hotplug state has the name and number of the list', () => {
    const { b } = boot(linux);
    const states = b.m.cpuhp.states().map(({ state, name }) => `${String(state).padStart(3)}: ${name}`);
    const recorded = file(board, 'HOTPLUG_STATES.txt').split('\n').find((row) => row.includes('plic'))!;
    expect(states).toContain(recorded);
  });
});

test('M-mode: log, domain and interrupts are those of Linux 7.2.13 without firmware, booted on hart 2', () => {
  const board = 'linux-7.2-mmode/mmode-smp4';
  const root = '/sys/kernel/debug/irq';
  const contexts = [1, 2, 0, 3].flatMap((cpu) => [{ cpu, irq: 11 }, { cpu, irq: 9 }]);
  const b = new Bench({ mode: 'M', linux: '7.2', hartids: [2, 0, 1, 3], contexts }).boot();
  const line = file(board, 'DMESG.txt').split('\n').find((text) => text.includes('riscv-plic'))!;
  expect(b.log()).toEqual([line.replace(/^.*?\] /, '')]);
  const { irq } = b.request(10);
  expect(irqDebugShow(b.desc(b.plics.parentIrq)).trimEnd()).toBe(debugfs(board, 'DEBUG_IRQ.txt', `${root}/irqs/11`));
  expect(irqDebugShow(b.desc(irq)).trimEnd()).toBe(debugfs(board, 'DEBUG_IRQ.txt', `${root}/irqs/12`));
});
