import { IRQ_NONE } from '@irqchip/genirq-core';
import { defineIrqchip, handleEdgeIrq, handleLevelIrq } from '@irqchip/irqdomain';
import { irqchipModule } from '@irqchip/irqdomain/di';
import { bench, type Bench } from '@irqchip/testkit';
import { MUX8, Mux8Hardware } from './fixtures/mux8/index.ts';

/** mux8 that forgets to acknowledge. @param loops - it handles what is pending until nothing is, in one trap */
function deafBench(loops: boolean, flow = handleEdgeIrq, more: { stormLimit?: number } = {}): Bench {
  const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
    const lines = linear(8, {
      name: 'deaf', irqAck: () => undefined, irqMask: ({ hwirq }) => regs.clearl(0, 1 << hwirq), irqUnmask: ({ hwirq }) => regs.setl(0, 1 << hwirq),
    }, flow);
    parent.chain(() => {
      for (let found = -1; found !== 0 && (loops || found === -1);) {
        found = regs.readl(4) & regs.readl(0);
        if (found !== 0) lines.handle(31 - Math.clz32(found));
      }
    });
    return lines;
  });
  return bench({ ...MUX8, modules: [irqchipModule(driver)], hardware: Mux8Hardware, ...more });
}

describe.each([['a trap for each', false], ['one trap that does not end', true]])('a forgotten acknowledgement, %s', (_what, loops) => {
  test('is a storm after so few that nobody waits for it, and says which option allows more', () => {
    const b = deafBench(loops);
    const three = b.request(3);
    expect(() => b.pulse(3)).toThrow(/^Interrupt storm on hart 0: .*Does irqAck clear what it is told of\? .*stormLimit\./);
    expect(three.fired).toBeGreaterThan(9_000);
    expect(three.fired).toBeLessThanOrEqual(110_000);
  });

  test('has more where stormLimit says so', () => {
    const b = deafBench(loops, handleEdgeIrq, { stormLimit: 30_000 });
    const three = b.request(3, (_irq, { fired }) => { if (fired === 25_000) b.machine.model(b.node)!.devices[0]!.write(4, 4, -1); });
    b.pulse(3);
    expect(three).toHaveFired(25_000);
  });

  test('of an interrupt that nobody handles is the kernel\'s to switch off, and no storm', () => {
    const b = deafBench(loops, handleLevelIrq);
    const three = b.request(3, () => IRQ_NONE);
    b.pulse(3);
    expect(three).toHaveFired(100_000);
    expect(b.line(3)).not.toBeEnabled();
    expect(b).toHaveReported('spurious');
  });
});
