import { type Genirq, irqCanSetAffinityUsr, irqSetAffinity } from '@irqchip/irqdesc';
import { IrqError, type CpuMask } from '@irqchip/smp';
import { parseCpuHex, parseCpuList } from './parse-mask.ts';

/**
 * What `echo mask > /proc/irq/N/smp_affinity` does. Task context.
 * @throws IrqError `EPERM` for interrupts that user space may not move: per-CPU, unbalanced, managed, or a chip that cannot;
 * `EINVAL`, `EOVERFLOW` for text that is no mask; `EINVAL` for a mask without an online CPU; what setting the affinity throws.
 * @kernel irq_affinity_proc_write
 */
export function writeSmpAffinity(genirq: Genirq, irq: number, text: string): void {
  writeAffinity(genirq, irq, text, parseCpuHex);
}

/**
 * What `echo list > /proc/irq/N/smp_affinity_list` does. Task context.
 * @throws IrqError as {@link writeSmpAffinity}, with `ERANGE` for a CPU that cannot exist.
 * @kernel irq_affinity_list_proc_write
 */
export function writeSmpAffinityList(genirq: Genirq, irq: number, text: string): void {
  writeAffinity(genirq, irq, text, parseCpuList);
}

/**
 * What `echo mask > /proc/irq/default_smp_affinity` does: interrupts that start later go there.
 * @throws IrqError `EINVAL`, `EOVERFLOW` for text that is no mask; `EINVAL` for a mask without an online CPU.
 * @kernel default_affinity_write
 */
export function writeDefaultSmpAffinity(genirq: Genirq, text: string): void {
  const mask = parseCpuHex(text, genirq.smp.cpus.nrCpuIds);
  requireOnline(genirq, mask, 'The default affinity');
  genirq.defaultAffinity.copy(mask);
}

function writeAffinity(genirq: Genirq, irq: number, text: string, parse: (text: string, size: number) => CpuMask): void {
  if (!irqCanSetAffinityUsr(genirq, irq)) {
    throw new IrqError('EPERM', `The affinity of irq ${irq} cannot be written: it is per-CPU, unbalanced or managed, or its chip cannot move it.`);
  }
  const mask = parse(text, genirq.smp.cpus.nrCpuIds);
  requireOnline(genirq, mask, `The affinity of irq ${irq}`);
  irqSetAffinity(genirq, irq, mask);
}

function requireOnline(genirq: Genirq, mask: CpuMask, what: string): void {
  const { online } = genirq.smp.cpus;
  if (!mask.intersects(online)) throw new IrqError('EINVAL', `${what} needs an online CPU: ${mask.toList() || 'no CPU'} was written, ${online.toList()} are online.`);
}
