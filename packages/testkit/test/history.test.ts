import { defineIrqchip, handleEdgeIrq } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareModel } from '@irqchip/riscv';
import { bench, type Bench, type BenchOptions } from '@irqchip/testkit';
import { MUX8, mux8, mux8Bench, Mux8Hardware } from './fixtures/mux8/index.ts';
import { driver as msgs } from './zoo/drivers/msgs.ts';
import { hardware as msgsHardware } from './zoo/hardware/msgs.ts';

const MSGS: BenchOptions = { modules: [irqchipModule(msgs)], compatible: 'acme,msgs', hardware: msgsHardware, messages: 4, harts: 'all', size: 0x8000 };

describe('what a device sends', () => {
  test('is a message, and no register access of the driver', () => {
    const b = bench(MSGS);
    b.request(1);
    const before = b.registers.length;
    b.irqsOff(0, () => {
      b.pulse(1);
      b.send(0x1000_0000, -1);
      expect(b.registers).toHaveLength(before);
    });
    expect(b.recent()).toMatch(/\n {2}message 0x10000000 = 0x2\n {2}message 0x10000000 = 0xffffffff\n {2}readl 0x4 = 0x2 \(CPU0\)\n/);
    expect(b.registers.slice(before).filter(({ op, offset }) => op === 'write' && offset === 0)).toEqual([]);
  });

  test('says so where nobody answers', () => {
    const b = bench(MSGS);
    b.send(0x7000_0000, 3);
    expect(b.recent()).toMatch(/\n {2}message 0x70000000 = 0x3\n {2}nobody answers at 0x70000000: the message is lost$/);
  });

  test('is a message from other models, too', () => {
    const other: HardwareModel = { compatible: ['acme,sender'], create: ({ dma }) => ({ devices: [], setInput: () => { dma.write32(0x1000_0000, 2); } }) };
    const b = bench({ ...MSGS, otherHardware: [other], nodes: 'sender { compatible = "acme,sender"; };' });
    b.request(1);
    const before = b.registers.length;
    b.irqsOff(0, () => {
      b.machine.model('/sender')!.setInput!(0, true);
      expect(b.registers).toHaveLength(before);
    });
    expect(b.recent()).toContain('\n  message 0x10000000 = 0x2\n');
  });
});

/** mux8 at the stage at which a PLIC is there. */
const below = defineIrqchip({ compatible: 'acme,mux8', stage: 'platform' }, (ctx) => { mux8.probe(ctx, []); });

describe('accesses of two controllers', () => {
  const two = (): Bench => bench({ ...MUX8, hardware: () => new Mux8Hardware(), parents: '&plic 5', modules: [irqchipModule(below)], nodes: `
    plic: plic@c000000 { compatible = "sifive,plic-1.0.0"; reg = <0xc000000 0x4000000>; riscv,ndev = <31>; interrupt-controller; #address-cells = <0>; #interrupt-cells = <1>; interrupts-extended = <&intc0 9>; };
    other@20000000 { compatible = "acme,mux8"; reg = <0x20000000 0x1000>; interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&plic 6>; };` });

  test('say whose they are', () => {
    const b = two();
    b.request(3);
    expect(b.recent()).toMatch(/^last calls:\n[^]* {2}other@20000000: writel 0x0 = 0x0 \(CPU0\)\n/);
    expect(b.recent().split('\n').slice(-3)).toEqual([
      '  mux8.irqUnmask(3)',
      '    interrupt-controller@10000000: readl 0x0 = 0x0 (CPU0)', '    interrupt-controller@10000000: writel 0x0 = 0x8 (CPU0)',
    ]);
  });

  test('need not where there is one', () => {
    expect(mux8Bench().recent()).toBe('last calls:\n  writel 0x0 = 0x0 (CPU0)');
  });
});

describe('a line that is handled and not mapped', () => {
  /** Eight lines; line 192, which there is not, is handled where 7 is pending. */
  const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
    const lines = linear(8, { name: 'mux8', irqAck: ({ hwirq }) => regs.writel(4, 1 << hwirq), irqUnmask: () => regs.writel(0, 0xff) }, handleEdgeIrq);
    regs.writel(0, 0xff);
    parent.chain(() => {
      const hwirq = 31 - Math.clz32(regs.readl(4));
      if (lines.handle(hwirq === 7 ? 192 : hwirq) !== 0) regs.writel(4, 1 << hwirq);
    });
    return lines;
  });
  const make = (): Bench => bench({ ...MUX8, modules: [irqchipModule(driver)], hardware: Mux8Hardware });

  test('is in the history, inside of the domain and beyond it', () => {
    const b = make();
    b.raw(7).pulse();
    b.raw(3).pulse();
    b.settle();
    expect(b.recent().split('\n').slice(2)).toEqual([
      '  readl 0x4 = 0x80 (CPU0)', '  handle(192): not mapped', '  writel 0x4 = 0x80 (CPU0)', '  readl 0x4 = 0x8 (CPU0)', '  handle(3): not mapped', '  writel 0x4 = 0x8 (CPU0)',
    ]);
  });

  test('is not, once it is mapped, nor where a task asks whether it is', () => {
    const b = make();
    b.request(3);
    b.pulse(3);
    expect(b.debugfs(':interrupt-controller@10000000')).toMatch(/mapped: +1/);
    expect(b.recent()).not.toContain('not mapped');
  });
});
