import { clintModel } from '@irqchip/drivers-clint/hardware';
import type { HartLines } from '@irqchip/riscv';

// What a machine supplies: wires to the harts, and a clock with alarms.
export const events: string[] = [];
let now = 0;
let alarm: { ns: number; fn: () => void } | null = null;
const lines = { setLine: (hart, irq, level) => void events.push(`${now} ns: hart ${hart} irq ${irq} ${level ? 'up' : 'down'}`) } as Partial<HartLines> as HartLines;
const clock = { timebaseHz: 10_000_000, nowNs: () => now, at: (ns: number, fn: () => void) => ((alarm = { ns, fn }), () => void (alarm = null)) };
const advance = (ns: number): void => {
  const due = alarm;
  now += ns;
  if (!due || due.ns > now) return;
  alarm = null;
  due.fn();
};

// One hart: its software interrupt 3 and its timer interrupt 7, as in interrupts-extended.
const clint = clintModel.create({
  node: { path: '/soc/clint@2000000', name: 'clint@2000000', compatible: [], parent: null, has: () => false, u32: () => undefined, u32s: () => undefined, string: () => undefined, strings: () => [] },
  regions: [{ base: 0x2000000, size: 0x10000 }], targets: [{ hartid: 0, irq: 3 }, { hartid: 0, irq: 7 }],
  lines, hartids: [0], clock, output: () => undefined, dma: { write32: () => false }, peer: () => null, xlen: 64, options: { mtimecmpReset: 'ones' },
});
const [regs] = clint.devices;

events.length = 0;
regs!.write(0x0000, 4, 1); // MSIP: an IPI to hart 0
regs!.write(0x0000, 4, 0); // and its acknowledgement
regs!.write(0x4004, 4, 0); // MTIMECMP = 500 ticks, upper half first
regs!.write(0x4000, 4, 500);
advance(50_000); // 500 ticks of 100 ns
