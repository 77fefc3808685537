import { Smp } from '@irqchip/smp';
import {
  allocDesc, disableIrq, enableIrq, genericHandleIrqSafe, Genirq, handleEdgeIrq, IRQ_HANDLED, requestIrq, runPendingResend,
  setChipAndHandler, showInterrupts, type IrqChip,
} from '@irqchip/genirq-core';

const genirq = new Genirq(new Smp({ nrCpus: 1 }));

// Eight lines in two registers, as a driver sees them.
let enabled = 0;
let pending = 0;
const chip: IrqChip = {
  name: 'mux8',
  irqAck: ({ hwirq }) => { pending &= ~(1 << hwirq); },
  irqMask: ({ hwirq }) => { enabled &= ~(1 << hwirq); },
  irqUnmask: ({ hwirq }) => { enabled |= 1 << hwirq; },
};

const irq = allocDesc(genirq, 0);
genirq.irqToDesc(irq)!.irqData.hwirq = 3;
setChipAndHandler(genirq, irq, chip, handleEdgeIrq);

let runs = 0;
requestIrq(genirq, irq, () => { runs++; return IRQ_HANDLED; }, 0, 'button');

genericHandleIrqSafe(genirq, irq); // an edge: acknowledged, handled

disableIrq(genirq, irq); // lazy: the line is still open …
genericHandleIrqSafe(genirq, irq); // … until the next edge masks it and leaves it pending
enableIrq(genirq, irq); // unmasks, and has the edge replayed
runPendingResend(genirq);

export const result = { runs, enabled, pending, table: showInterrupts(genirq) };
