import { plicHardware } from '@irqchip/drivers-plic/hardware';
import type { HartLines } from '@irqchip/riscv';

// What a machine supplies: the harts' external interrupt inputs.
export const events: string[] = [];
const lines = { setLine: (hart, irq, level) => void events.push(`hart ${hart} irq ${irq} ${level ? 'up' : 'down'}`) } as Partial<HartLines> as HartLines;

// 31 sources, and one context a hart: the supervisor's external interrupt 9, as in interrupts-extended.
const plic = plicHardware.create({
  node: { path: '/soc/plic@c000000', name: 'plic@c000000', compatible: [], parent: null, has: () => true, u32: (name) => (name === 'riscv,ndev' ? 31 : undefined), u32s: () => undefined, string: () => undefined, strings: () => [] },
  regions: [{ base: 0xc000000, size: 0x4000000 }], targets: [{ hartid: 0, irq: 9 }, { hartid: 1, irq: 9 }],
  lines, hartids: [0, 1], clock: { timebaseHz: 10_000_000, nowNs: () => 0, at: () => () => undefined }, output: () => undefined, dma: { write32: () => false }, peer: () => null, xlen: 64, options: {},
});

plic.write(4 * 10, 4, 1); // source 10: priority 1
plic.write(0x2080, 4, 1 << 10); // enabled for context 1
plic.setInput(10, true); // its wire rises …
export const claimed = [plic.read(0x201004, 4)]; // … and context 1 claims it
plic.write(0x201004, 4, 10); // completed while the wire is high: it comes again
claimed.push(plic.read(0x201004, 4), plic.read(0x201004, 4)); // 10, then nothing
