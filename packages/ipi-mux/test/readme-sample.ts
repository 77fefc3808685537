import { CpuHotplug } from '@irqchip/cpuhp';
import { enablePercpuIrq, Genirq, IRQ_HANDLED, IRQ_TYPE, ipiSendSingle, requestPercpuIrq } from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import { IrqDomains } from '@irqchip/irqdomain';
import { PerCpu, Smp } from '@irqchip/smp';

const smp = new Smp({ nrCpus: 2 });
const genirq = new Genirq(smp);
const muxes = new IpiMuxes(new IrqDomains(genirq), new CpuHotplug(smp));

// The driver: how to ring a CPU. On real hardware this is a register write.
export const rung: number[] = [];
const mux = muxes.create({ nrIpi: 8, send: (cpu) => { rung.push(cpu); } });

// A user of vIPI 0 on CPU 1.
export const heard: string[] = [];
const onIpi = (irq: number, who: string): number => {
  heard.push(`irq ${irq} on ${who}`);
  return IRQ_HANDLED;
};
requestPercpuIrq(genirq, mux.virq, onIpi, 'hello', new PerCpu((cpu) => `CPU${cpu}`));
smp.cpus.runOn(1, () => enablePercpuIrq(genirq, mux.virq, IRQ_TYPE.NONE));

ipiSendSingle(genirq, mux.virq, 1);
ipiSendSingle(genirq, mux.virq, 1); // pending already: merged, and the doorbell stays silent

// What the driver's interrupt handler does once it has acknowledged its parent.
smp.cpus.runOn(1, () => {
  smp.cpus.localIrqDisable();
  smp.cpus.irqEnter();
  mux.process();
  smp.cpus.irqExit();
  smp.cpus.localIrqEnable();
});
