import type { IrqData } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IrqDomain } from '../domain/irq-domain.ts';
import { DISCONNECTED_CHIP, UNSET_CHIP } from './irq-data.ts';

/**
 * Checks that every level got a chip, and cuts off those from a disconnected one on.
 * @throws IrqError `EINVAL` for a level without a chip, or with one below the cut.
 * @kernel irq_domain_trim_hierarchy
 */
export function trimHierarchy(domain: IrqDomain, virq: number): void {
  const { genirq, smp } = domain.domains;
  const outermost = genirq.irqToDesc(virq)!.irqData;
  if (outermost.chip === UNSET_CHIP || outermost.chip === DISCONNECTED_CHIP) throw badChain(virq, outermost, 'has no chip');
  const last = levelAboveCut(virq, outermost);
  if (!last) return;
  smp.log.info(`irq: IRQ${virq}: trimming hierarchy from ${last.parentData!.domain!.name}`);
  last.parentData = null;
}

/** The innermost level that stays, or null when all do. */
function levelAboveCut(virq: number, outermost: IrqData): IrqData | null {
  let last: IrqData | null = null;
  for (let above = outermost, level = above.parentData; level; above = level, level = level.parentData) {
    if (last === null && level.chip === UNSET_CHIP) throw badChain(virq, level, 'has no chip');
    if (last !== null && level.chip !== UNSET_CHIP) throw badChain(virq, level, 'has a chip below a level that was disconnected');
    if (level.chip === DISCONNECTED_CHIP) last = above;
  }
  return last;
}

function badChain(virq: number, level: IrqData, what: string): IrqError {
  return new IrqError('EINVAL', `virq ${virq}: its level in domain ${level.domain?.name ?? 'none'} ${what} after alloc; call irqDomainSetHwirqAndChip() there, or irqDomainAllocIrqsParent() above it.`);
}
