import { procDefaultSmpAffinity, procIrqFiles, sysKernelIrqFiles, type IrqDesc } from '@irqchip/genirq-core';
import type { Machine } from '../machine.ts';

/**
 * The numbers that have a directory in /proc/irq, in the order of their names: those of the beginning, when all that there is
 * gets one, and those that somebody requested since.
 * @kernel init_irq_proc
 */
export function procIrqNumbers({ genirq, earlyIrqs }: Machine): number[] {
  const shown = [...genirq.descs].filter((desc) => earlyIrqs.has(desc.irq) || isRequested(desc));
  return shown.map(({ irq }) => irq).sort(byName);
}

/** The files of /proc/irq as `12/smp_affinity`, in the order of their names, with their text. Directories of handlers are left out. */
export function procIrq(machine: Machine): Map<string, string> {
  const files = new Map([['default_smp_affinity', procDefaultSmpAffinity(machine.genirq)]]);
  for (const irq of procIrqNumbers(machine)) {
    for (const [name, text] of procIrqFiles(machine.genirq.irqToDesc(irq)!)) files.set(`${irq}/${name}`, text);
  }
  return files;
}

/** The files of /sys/kernel/irq as `12/chip_name`, in the order of their names, with their text. */
export function sysKernelIrq({ genirq }: Machine): Map<string, string> {
  const files = new Map<string, string>();
  for (const desc of [...genirq.descs].sort((a, b) => byName(a.irq, b.irq))) {
    for (const [name, text] of sysKernelIrqFiles(desc)) files.set(`${desc.irq}/${name}`, text);
  }
  return files;
}

function isRequested(desc: IrqDesc): boolean {
  return desc.action !== null && desc.action !== desc.genirq.chainedAction;
}

/** As a shell sorts names. */
function byName(a: number, b: number): number {
  return String(a) < String(b) ? -1 : 1;
}
