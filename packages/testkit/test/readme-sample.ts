import { bits, defineIrqchip, handleEdgeIrq, type IrqChip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { bench, irqchipConformance } from '@irqchip/testkit';

// src/mux8.ts: acme,mux8, eight edge lines on one parent interrupt.
const ENABLE = 0x0; // one bit per line, 1 = delivered
const PENDING = 0x4; // one bit per line, write 1 to clear

const mux8 = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
  const chip: IrqChip = {
    name: 'mux8',
    irqAck: ({ hwirq }) => regs.writel(PENDING, 1 << hwirq),
    irqMask: ({ hwirq }) => regs.clearl(ENABLE, 1 << hwirq),
    irqUnmask: ({ hwirq }) => regs.setl(ENABLE, 1 << hwirq),
  };
  const lines = linear(8, chip, handleEdgeIrq);
  regs.writel(ENABLE, 0); // firmware may have left lines on
  parent.chain(() => {
    for (const hwirq of bits(regs.readl(PENDING) & regs.readl(ENABLE))) lines.handle(hwirq);
  });
  return lines;
});

// test/hardware.ts: the same, from the data sheet's side.
class Mux8Hardware implements HardwareModel {
  readonly compatible: readonly string[] = ['acme,mux8'];

  create({ output }: HardwareContext): HardwareInstance {
    let [enable, pending, inputs] = [0, 0, 0];
    const changed = (): void => output((enable & pending) !== 0);
    return {
      devices: [{
        read: (offset) => (offset === 0 ? enable : pending),
        write: (offset, _width, value) => {
          if (offset === 0) enable = value & 0xff;
          else pending &= ~value;
          changed();
        },
      }],
      setInput: (line, level) => {
        if (level) pending |= 1 << line & ~inputs & 0xff;
        inputs = level ? inputs | 1 << line : inputs & ~(1 << line);
        changed();
      },
    };
  }
}

// test/mux8.test.ts: the contract every irqchip must keep, then what is peculiar to this one.
const modules = [irqchipModule(mux8)];

irqchipConformance({ modules, compatible: 'acme,mux8', hardware: () => new Mux8Hardware(), lines: 8 });

test('an edge during its own handler is replayed exactly once', () => {
  const b = bench({ modules, compatible: 'acme,mux8', hardware: new Mux8Hardware() });
  const { hw, request, line, trace } = b;
  const three = request(3, (_irq, { fired }) => { if (fired === 1) hw.pulse(3); });
  hw.pulse(3);
  expect(three).toHaveFired(2);
  expect(line(3)).not.toBePending();
  expect(b).toPrintInterrupts('2 mux8 3 Edge line3');
  expect(trace.slice(1, 4)).toEqual(['handleEdgeIrq(3)', 'mux8.irqAck(3)', 'line3()']);
});
