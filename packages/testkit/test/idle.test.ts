import { IRQ_SET_MASK, IRQ_TYPE } from '@irqchip/genirq-core';
import { bits, defineIrqchip, handleLevelIrq, type IrqChip } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import type { HardwareContext, HardwareInstance, HardwareModel } from '@irqchip/riscv';
import { bench, type Bench } from '@irqchip/testkit';
import { Mux8Hardware, MUX8 } from './fixtures/mux8/index.ts';

/** Eight active-low lines: what is enabled and low asks. */
class LowHardware implements HardwareModel {
  readonly compatible = ['acme,low8'];
  /** Calls of its inputs, in order. */
  readonly driven: string[] = [];

  create({ output }: HardwareContext): HardwareInstance {
    let [enable, inputs] = [0, 0];
    const changed = (): void => output((enable & ~inputs) !== 0);
    return {
      devices: [{ read: (offset) => (offset === 0 ? enable : ~inputs & 0xff), write: (_offset, _width, value) => { enable = value & 0xff; changed(); } }],
      setInput: (line, level) => {
        this.driven.push(`${line} ${level ? 'high' : 'low'}`);
        inputs = level ? inputs | 1 << line : inputs & ~(1 << line);
        changed();
      },
    };
  }
}

const low8 = defineIrqchip('acme,low8', ({ regs, parent, linear }) => {
  const chip: IrqChip = {
    name: 'low8',
    irqMask: ({ hwirq }) => regs.clearl(0, 1 << hwirq),
    irqUnmask: ({ hwirq }) => regs.setl(0, 1 << hwirq),
    irqSetType: () => IRQ_SET_MASK.OK,
  };
  const lines = linear(8, chip, handleLevelIrq);
  parent.chain(() => { for (const hwirq of bits(regs.readl(4) & regs.readl(0))) lines.handle(hwirq); });
  return lines;
});

function lowBench(hardware = new LowHardware()): Bench<LowHardware> {
  return bench({
    modules: [irqchipModule(low8)], compatible: 'acme,low8', cells: 2, trigger: IRQ_TYPE.LEVEL_LOW, hardware,
    firmware: (_write, setInput) => { for (let line = 0; line < 8; line++) setInput(line, true); },
  });
}

describe('a line that firmware left high', () => {
  test('idles, as an active-low one does that is content: lowered it asks, held it is content again', () => {
    const b = lowBench();
    const three = b.request(3, () => b.raw(3).raise());
    expect(three).toHaveFired(0);
    b.lower(3);
    b.lower(3);
    expect(three).toHaveFired(2);
    expect(b).toBeQuiet();
    const five = b.request(5, () => b.hold(5));
    b.lower(5);
    expect(five).toHaveFired(1);
  });

  test('is driven once: the model sees no second edge when its wire learns of it', () => {
    const hardware = new LowHardware();
    const b = lowBench(hardware);
    expect(hardware.driven.filter((each) => each.startsWith('3'))).toEqual(['3 high']);
    b.request(3, () => b.hold(3));
    b.lower(3);
    expect(hardware.driven.filter((each) => each.startsWith('3'))).toEqual(['3 high', '3 low', '3 high']);
  });

  test('and let go again is low', () => {
    const b = bench({ ...MUX8, hardware: Mux8Hardware, firmware: (_write, setInput) => { setInput(3, true); setInput(3, false); } });
    expect(b.machine.pin(b.node, 3)).toHaveProperty('level', false);
  });
});
