import { makeIrqData, type IrqData, type IrqDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IrqDomain } from '../domain/irq-domain.ts';
import { clearMapping, setMapping } from '../mapping/revmap.ts';
import { allocHierarchy } from './alloc.ts';
import { freeHierarchy } from './free.ts';
import { UNSET_CHIP } from './irq-data.ts';

function idleDesc(domain: IrqDomain, virq: number, who: string): IrqDesc {
  const { genirq, smp } = domain.domains;
  const desc = genirq.irqToDesc(virq);
  if (!desc) throw new IrqError('EINVAL', `${who}: virq ${virq} is not allocated.`);
  if (smp.diagnostics.warnOn(desc.action !== null, `${who}: virq ${virq} is requested`)) {
    throw new IrqError('EBUSY', `${who}: virq ${virq} has a handler; change its hierarchy before it is requested.`);
  }
  return desc;
}

function copyLevel(to: IrqData, from: IrqData): void {
  to.hwirq = from.hwirq;
  to.mask = from.mask;
  to.chip = from.chip;
  to.chipData = from.chipData;
  to.domain = from.domain;
  to.parentData = from.parentData;
}

/**
 * Puts `domain` on top of an interrupt that exists already and has no handler. Task context.
 * @throws IrqError `EINVAL` when there is no such interrupt or `domain` is not stacked on its outermost domain, `EBUSY` when it
 * has a handler, `ENOMEM`, or what the domain's `alloc` throws; the interrupt is then as before.
 * @kernel irq_domain_push_irq
 */
export function irqDomainPushIrq(domain: IrqDomain, virq: number, arg: unknown): void {
  const desc = idleDesc(domain, virq, 'irq_domain_push_irq');
  const top = desc.irqData;
  const { smp } = domain.domains;
  const flat = smp.diagnostics.warnOn(!domain.isHierarchy, `irq_domain_push_irq: ${domain.name} is not hierarchical`);
  if (flat || domain.parent !== top.domain) throw new IrqError('EINVAL', `irq_domain_push_irq: ${domain.name} is not stacked on ${top.domain?.name ?? 'nothing'}, the outermost domain of virq ${virq}.`);
  smp.faults.check('irq_data');
  const saved = makeIrqData(virq, top.chip, top.common, top.domain);
  copyLevel(saved, top);
  domain.locked('irq_domain_push_irq', () => {
    copyLevel(top, makeIrqData(virq, UNSET_CHIP, top.common, domain));
    top.parentData = saved;
    try {
      allocHierarchy(domain, virq, 1, arg);
    } catch (error) {
      copyLevel(top, saved);
      throw error;
    }
    domain.mapcount++;
    setMapping(domain, top.hwirq, desc);
  });
}

/**
 * Takes the outermost level off again. Task context.
 * @throws IrqError `EINVAL` when `domain` is not the outermost one or has nothing below, `EBUSY` when there is a handler.
 * @kernel irq_domain_pop_irq
 */
export function irqDomainPopIrq(domain: IrqDomain, virq: number): void {
  const desc = idleDesc(domain, virq, 'irq_domain_pop_irq');
  const top = desc.irqData;
  const parent = top.parentData;
  if (domain.domains.smp.diagnostics.warnOn(top.domain !== domain || !parent, `irq_domain_pop_irq: ${domain.name} is not the outermost level of virq ${virq} above another`)) {
    throw new IrqError('EINVAL', `irq_domain_pop_irq: only the outermost level of virq ${virq} can be taken off, and only if one is below it; that is not ${domain.name}.`);
  }
  domain.locked('irq_domain_pop_irq', () => {
    top.parentData = null;
    domain.mapcount--;
    clearMapping(domain, top.hwirq);
    freeHierarchy(domain, virq, 1);
    copyLevel(top, parent!);
  });
}
