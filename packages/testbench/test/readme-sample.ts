import { bench } from '@irqchip/testbench';

// A PLIC, whose driver and model come with the machine, and a device on its line 3.
const { request, hold, lower, cpuDown, trace, procInterrupts } = bench({
  compatible: 'sifive,plic-1.0.0', size: 0x400_0000, properties: 'riscv,ndev = <8>;', harts: 'all', cpus: 2,
});

const line3 = request(3, () => lower(3));
hold(3);
cpuDown(0); // the interrupt moves to the CPU that stays
hold(3);

export const result = { ranOn: line3.ranOn, trace: trace.slice(-3), table: procInterrupts() };
