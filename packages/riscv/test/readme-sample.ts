import { Genirq } from '@irqchip/genirq-core';
import { Harts, RiscvIpi, SBI_ERR, sbiErrMapLinuxErrno } from '@irqchip/riscv';
import { IrqError, Smp } from '@irqchip/smp';

// Three harts. Hart 2 boots, so it is CPU 0.
const harts = new Harts({ mode: 'S', xlen: 64, hartids: [2, 0, 1], aia: false });
export const boot: number = harts.hartidToCpuid(2); // 0
export const external: number = harts.irq.ext; // 9; 11 for a machine-mode kernel

// The IPI layer. A driver hands it eight virqs; until then calls stay on their own CPU.
const smp = new Smp({ nrCpus: harts.nr });
const ipi = new RiscvIpi(new Genirq(smp), smp);
export const seen: string[] = [];
ipi.onEachCpu((info) => seen.push(`${String(info)} on CPU${smp.cpus.current}, interrupts ${smp.cpus.irqsDisabled() ? 'off' : 'on'}`), 'flush');
// ['flush on CPU0, interrupts off']: the others are not online yet.

export let refused = '';
try {
  ipi.smpCallFunctionSingle(2, () => undefined);
} catch (error) {
  if (error instanceof IrqError) refused = error.code; // 'ENXIO'
}

export const rows: string = ipi.archShowInterrupts(3); // 'IPI0:         0  Rescheduling interrupts\n…'
export const errno: number = sbiErrMapLinuxErrno(SBI_ERR.INVALID_PARAM); // -22
