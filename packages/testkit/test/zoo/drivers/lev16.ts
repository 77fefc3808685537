// acme,lev16: sixteen level lines on one parent interrupt.
import { IRQ_SET_MASK, IRQ_TYPE } from '@irqchip/genirq-core';
import { bits, defineIrqchip, handleLevelIrq, IrqError, type IrqChip } from '@irqchip/irqdomain';

const INPUT = 0x0; // one bit per line, as it is now; read only
const MASK = 0x4; // one bit per line, 1 = kept back

export const driver = defineIrqchip('acme,lev16', ({ regs, parent, linear }) => {
  const chip: IrqChip = {
    name: 'lev16',
    irqMask: ({ hwirq }) => regs.setl(MASK, 1 << hwirq),
    irqUnmask: ({ hwirq }) => regs.clearl(MASK, 1 << hwirq),
    irqSetType: ({ hwirq }, type) => {
      if (type !== IRQ_TYPE.LEVEL_HIGH) throw new IrqError('EINVAL', `lev16: line ${hwirq} takes high levels, not type ${type}`);
      return IRQ_SET_MASK.OK;
    },
  };
  const lines = linear(16, chip, handleLevelIrq);
  regs.writel(MASK, 0xffff); // firmware may have left lines on
  parent.chain(() => {
    for (const hwirq of bits(regs.readl(INPUT) & ~regs.readl(MASK))) lines.handle(hwirq);
  });
  return lines;
});
