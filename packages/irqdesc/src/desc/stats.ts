import type { Genirq } from '../genirq.ts';
import { IRQ } from './flags.ts';
import type { IrqDesc } from './irq-desc.ts';
import { irqIsNmi, settingsHas } from './settings.ts';

/** Counts one interrupt: on this CPU and in the total. Flow handlers, lock held. @kernel kstat_incr_irqs_this_cpu */
export function kstatIncrIrqsThisCpu(desc: IrqDesc): void {
  desc.countThisCpu();
  desc.totCount = (desc.totCount + 1) >>> 0;
}

/** How often `irq` ran on `cpu`; 0 without a descriptor. Any context. @kernel kstat_irqs_cpu */
export function kstatIrqsCpu(genirq: Genirq, irq: number, cpu: number): number {
  return genirq.irqToDesc(irq)?.countOn(cpu) ?? 0;
}

/** How often `irq` ran: the total, or for per-CPU interrupts the sum over all possible CPUs. 0 without a descriptor. @kernel kstat_irqs_usr */
export function kstatIrqs(genirq: Genirq, irq: number): number {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) return 0;
  if (!settingsHas(desc, IRQ.PER_CPU_DEVID | IRQ.PER_CPU) && !irqIsNmi(desc)) return desc.totCount;
  let sum = 0;
  for (const cpu of genirq.smp.cpus.possible) sum += desc.countOn(cpu);
  return sum >>> 0;
}
