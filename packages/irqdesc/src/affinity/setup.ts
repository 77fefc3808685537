import type { CpuMask } from '@irqchip/smp';
import { IRQD } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { descCanSetAffinity, irqDoSetAffinity } from './set-affinity.ts';

/**
 * Chooses and programs the CPUs of an interrupt that starts: its own mask if it is managed or somebody set it and one of its
 * CPUs is online, else the default; of those the online ones, and of those the ones of its NUMA node if there are any.
 * Per-CPU and unbalanced interrupts are left alone. Descriptor locked.
 * @returns 0, or the chip's negative errno, which starting an interrupt ignores.
 * @kernel irq_setup_affinity
 */
export function irqSetupAffinity(desc: IrqDesc): number {
  if (!descCanSetAffinity(desc)) return 0;
  const { online } = desc.genirq.smp.cpus;
  let mask = online.and(wantedMask(desc));
  if (mask.isEmpty()) mask = online.clone();
  const nodemask = desc.genirq.cpumaskOfNode(desc.common.node);
  if (nodemask !== null && mask.intersects(nodemask)) mask = mask.and(nodemask);
  return irqDoSetAffinity(desc.irqData, mask, false);
}

function wantedMask(desc: IrqDesc): CpuMask {
  const { common, genirq } = desc;
  if ((common.state & (IRQD.AFFINITY_MANAGED | IRQD.AFFINITY_SET)) === 0) return genirq.defaultAffinity;
  if (common.affinity.intersects(genirq.smp.cpus.online)) return common.affinity;
  common.state &= ~IRQD.AFFINITY_SET;
  return genirq.defaultAffinity;
}
