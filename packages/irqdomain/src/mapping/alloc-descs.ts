import { allocDescs, type IrqAffinityDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IrqDomains } from '../domain/irq-domains.ts';

/**
 * Descriptors for a domain: exactly `virq` when that is 0 or more, else the first free block from a hint on, so that a virq
 * often equals its hwirq, and from 1 when there is none. Never hands out virq 0 by itself.
 * @throws IrqError `EEXIST`, `EINVAL`, `ENOMEM`
 * @kernel irq_domain_alloc_descs
 */
export function irqDomainAllocDescs(
  domains: IrqDomains, virq: number, cnt: number, hwirq: number, node: number, affinity: readonly IrqAffinityDesc[] | null = null,
): number {
  const { genirq } = domains;
  if (virq >= 0) return allocDescs(genirq, virq, virq, cnt, node, affinity);
  const hint = hwirq % genirq.descs.nrIrqs || 1;
  try {
    return allocDescs(genirq, -1, hint, cnt, node, affinity);
  } catch (error) {
    if (!(error instanceof IrqError) || hint === 1) throw error;
    return allocDescs(genirq, -1, 1, cnt, node, affinity);
  }
}
