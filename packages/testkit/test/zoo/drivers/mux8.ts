// acme,mux8: eight edge lines on one parent interrupt.
import { bits, defineIrqchip, handleEdgeIrq, type IrqChip } from '@irqchip/irqdomain';

const ENABLE = 0x0; // one bit per line, 1 = delivered
const PENDING = 0x4; // one bit per line, write 1 to clear

export const driver = defineIrqchip('acme,mux8', ({ regs, parent, linear }) => {
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
