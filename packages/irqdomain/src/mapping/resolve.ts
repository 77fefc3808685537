import { genericHandleIrqDesc, genericHandleIrqDescSafe, type IrqDesc } from '@irqchip/genirq-core';
import { ERRNO } from '@irqchip/smp';
import type { IrqDomain } from '../domain/irq-domain.ts';
import { irqDomainGetIrqData } from '../hierarchy/irq-data.ts';
import { notMapped } from './unmapped.ts';

/** The descriptor that `hwirq` is mapped to, or null. Any context; allocates nothing. @kernel __irq_resolve_mapping */
export function irqResolveMapping(domain: IrqDomain, hwirq: number): IrqDesc | null {
  if (hwirq < domain.revmapSize) return domain.revmap[hwirq] ?? null;
  if (domain.isNomap) return resolveDirect(domain, hwirq);
  return domain.tree.get(hwirq) ?? null;
}

function resolveDirect(domain: IrqDomain, hwirq: number): IrqDesc | null {
  if (hwirq >= domain.hwirqMax) return null;
  const data = irqDomainGetIrqData(domain, hwirq);
  return data?.hwirq === hwirq ? domain.domains.genirq.irqToDesc(hwirq) : null;
}

/** The Linux interrupt of `hwirq`, 0 when it is not mapped. Any context. @kernel irq_find_mapping */
export function irqFindMapping(domain: IrqDomain | null, hwirq: number): number {
  if (domain === null) return 0;
  const desc = irqResolveMapping(domain, hwirq);
  return desc === null ? 0 : desc.irq;
}

/**
 * Runs the flow handler of `hwirq`: what a controller's handler calls for each line that it finds pending. Hard irq context,
 * interrupts off.
 * @param domain - null, as `domains.defaultDomain` may be, maps nothing.
 * @returns 0 when the flow handler ran, -EINVAL when nothing is mapped there (told once in the debug log), -EPERM outside hard irq context where that matters.
 * @kernel generic_handle_domain_irq
 */
export function genericHandleDomainIrq(domain: IrqDomain | null, hwirq: number): number {
  if (domain === null) return -ERRNO.EINVAL;
  const desc = irqResolveMapping(domain, hwirq);
  return desc === null ? notMapped(domain, hwirq) : genericHandleIrqDesc(desc);
}

/** As {@link genericHandleDomainIrq}, from any context: switches interrupts off itself. @kernel generic_handle_domain_irq_safe */
export function genericHandleDomainIrqSafe(domain: IrqDomain | null, hwirq: number): number {
  if (domain === null) return -ERRNO.EINVAL;
  const desc = irqResolveMapping(domain, hwirq);
  return desc === null ? notMapped(domain, hwirq) : genericHandleIrqDescSafe(desc);
}
