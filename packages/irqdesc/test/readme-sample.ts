import { allocDesc, chainedIrqEnter, chainedIrqExit, genericHandleIrq, genericHandleIrqSafe, Genirq, handleLevelIrq, setChainedHandler, setChip, setChipAndHandler, type IrqChip } from '@irqchip/irqdesc';
import { Smp } from '@irqchip/smp';

const genirq = new Genirq(new Smp({ nrCpus: 1 }));
const calls: string[] = [];
const chip = (name: string): IrqChip => ({
  name,
  irqMask: () => { calls.push(`${name}: mask`); },
  irqUnmask: () => { calls.push(`${name}: unmask`); },
});

const [root, line] = [allocDesc(genirq, 0), allocDesc(genirq, 0)];
setChip(genirq, root, chip('root'));
setChipAndHandler(genirq, line, chip('mux'), handleLevelIrq);
setChainedHandler(genirq, line, () => { calls.push('line'); });
setChainedHandler(genirq, root, (desc) => {
  chainedIrqEnter(desc.irqData.chip, desc);
  genericHandleIrq(genirq, line);
  chainedIrqExit(desc.irqData.chip, desc);
});

calls.length = 0; // both were started when they were chained
genericHandleIrqSafe(genirq, root);
export const result = calls; // root: mask, line, root: unmask
