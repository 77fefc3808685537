import { Genirq, IRQ_HANDLED, requestIrq } from '@irqchip/genirq-core';
import {
  domainDebugShow, genericHandleDomainIrq, handleEdgeIrq, irqCreateFwspecMapping, irqDomainCreateLinear, IrqDomains,
  irqDomainSetInfo, irqDomainTranslateTwocell, ofFwnode, type IrqChip,
} from '@irqchip/irqdomain';
import { Smp } from '@irqchip/smp';

const smp = new Smp({ nrCpus: 2 });
const genirq = new Genirq(smp);
const domains = new IrqDomains(genirq);
const events: string[] = [];

// A controller: eight edge lines, described in the device tree by <line type>.
const node = ofFwnode('/soc/pic@10000000');
const chip: IrqChip = { name: 'pic', irqAck: ({ hwirq }) => events.push(`ack line ${hwirq}`) };
const pic = irqDomainCreateLinear(domains, node, 8, {
  translate: irqDomainTranslateTwocell,
  map: (domain, virq, hwirq) => irqDomainSetInfo(domain, virq, hwirq, chip, null, handleEdgeIrq, null, null),
}, null);

// A device: firmware says <3 1>, line 3, rising edge.
const virq = irqCreateFwspecMapping(domains, { fwnode: node, param: [3, 1] });
requestIrq(genirq, virq, (irq) => { events.push(`handler of irq ${irq}`); return IRQ_HANDLED; }, 0, 'device', node);

// The line rises: what the controller's own handler does with it.
smp.cpus.localIrqDisable();
smp.cpus.irqEnter();
genericHandleDomainIrq(pic, 3);
smp.cpus.irqExit();
smp.cpus.localIrqEnable();

export { events }; // ['ack line 3', 'handler of irq 3']
export const debugfs: string = domainDebugShow(pic); // name:   :soc:pic@10000000 …
