import { Genirq, IRQ_HANDLED, IRQF, requestIrq, setIrqchipState } from '@irqchip/genirq-core';
import { irqDomainCreateSim } from '@irqchip/irq-sim';
import { irqCreateMapping, IrqDomains } from '@irqchip/irqdomain';
import { Smp } from '@irqchip/smp';

const genirq = new Genirq(new Smp({ nrCpus: 1 }));
const domains = new IrqDomains(genirq);
export const events: string[] = [];

const sim = irqDomainCreateSim(domains, domains.allocNamedFwnode('sim'), 8, { levelLines: true });

// An edge.
const button = irqCreateMapping(sim, 2);
requestIrq(genirq, button, () => { events.push('pressed'); return IRQ_HANDLED; }, IRQF.TRIGGER_RISING, 'button', 1);
setIrqchipState(genirq, button, 'PENDING', true);

// A level, which is served until its handler has quieted the device.
const uart = irqCreateMapping(sim, 5);
let fifo = 3;
requestIrq(genirq, uart, () => {
  events.push(`received, ${--fifo} left`);
  if (fifo === 0) setIrqchipState(genirq, uart, 'LINE_LEVEL', false);
  return IRQ_HANDLED;
}, IRQF.TRIGGER_HIGH, 'uart', 2);
setIrqchipState(genirq, uart, 'LINE_LEVEL', true);
