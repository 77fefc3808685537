import { Smp } from '@irqchip/smp';
import { CpuHotplug } from '@irqchip/cpuhp';

const smp = new Smp({ nrCpus: 4 });
const cpuhp = new CpuHotplug(smp, { linux: '7.2' });
export const lines: string[] = [];

cpuhp.setupState(
  'CPUHP_AP_IRQ_RISCV_IMSIC_STARTING',
  'irqchip/riscv/imsic:starting',
  (cpu) => void lines.push(`CPU${cpu} starts, interrupts ${smp.cpus.irqsDisabled() ? 'off' : 'on'}`),
  (cpu) => void lines.push(`CPU${cpu} dies, online are ${smp.cpus.online}`),
);

cpuhp.cpuUp(2);
cpuhp.cpuDown(2);
// CPU0 starts, interrupts off
// CPU2 starts, interrupts off
// CPU2 dies, online are 0
