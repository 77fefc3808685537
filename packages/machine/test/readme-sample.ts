import { readFileSync } from 'node:fs';
import { createMachine } from '@irqchip/machine';

// A board as QEMU describes it: IMSIC, four harts.
const tree = new Uint8Array(readFileSync(new URL('../../../testdata/linux/linux-6.12-debugfs/imsic-smp4/qemu.dtb', import.meta.url)));
export const machine = createMachine({ tree, linux: '6.12' });

// CPU 0 has CPU 2 run something, through a real IPI, and waits for it.
export const ran: string[] = [];
machine.on(0, () => machine.ipi.smpCallFunctionSingle(2, () => ran.push(`on CPU${machine.smp.cpus.current}`)));

// CPU 1 leaves and comes back; what is sent to it meanwhile waits.
machine.cpuDown(1);
machine.on(0, () => machine.ipi.sendReschedule(1));
machine.settle();
export const whileDown: string = machine.procInterrupts(); // three columns
machine.cpuUp(1);

machine.advance(1e9); // one second: timers fire on the way
export const interrupts: string = machine.procInterrupts();
export const findings = machine.smp.diagnostics.open; // rules that were broken: none
