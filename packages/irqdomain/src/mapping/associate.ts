import { clearStatusFlags, IRQ, setChipAndHandler, setStatusFlags, synchronizeIrq, type IrqDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { ofNodeFullName } from '../domain/fwnode.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';
import { clearMapping, setMapping } from './revmap.ts';

/**
 * Ties an allocated virq to a hwirq of `domain`, without a hierarchy. Task context.
 * @throws IrqError `EINVAL` (with a warning) when the hwirq is beyond the domain, the virq not allocated or tied already; or
 * what the domain's `map` throws.
 * @kernel irq_domain_associate
 */
export function irqDomainAssociate(domain: IrqDomain, virq: number, hwirq: number): void {
  domain.locked('irq_domain_associate', () => associateLocked(domain, virq, hwirq));
}

/** @kernel irq_domain_associate_locked */
export function associateLocked(domain: IrqDomain, virq: number, hwirq: number): void {
  const { genirq } = domain.domains;
  const desc = associable(domain, virq, hwirq);
  const data = desc.irqData;
  data.hwirq = hwirq;
  data.domain = domain;
  try {
    domain.ops.map?.(domain, virq, hwirq);
  } catch (error) {
    reportRefusal(domain, virq, hwirq, error);
    data.domain = null;
    data.hwirq = 0;
    throw error;
  }
  domain.mapcount++;
  setMapping(domain, hwirq, desc);
  clearStatusFlags(genirq, virq, IRQ.NOREQUEST);
}

function associable(domain: IrqDomain, virq: number, hwirq: number): IrqDesc {
  const { genirq } = domain.domains;
  if (hwirq >= domain.hwirqMax) throw refuse(domain, `error: hwirq 0x${hwirq.toString(16)} is too large for ${domain.name}`);
  const desc = genirq.irqToDesc(virq);
  if (!desc) throw refuse(domain, `error: virq${virq} is not allocated`);
  if (desc.irqData.domain) throw refuse(domain, `error: virq${virq} is already associated`);
  return desc;
}

function refuse(domain: IrqDomain, message: string): IrqError {
  domain.domains.smp.diagnostics.report('warn', message);
  return new IrqError('EINVAL', `irq_domain_associate on ${domain.name}: ${message}.`);
}

function reportRefusal(domain: IrqDomain, virq: number, hwirq: number, error: unknown): void {
  if (!(error instanceof IrqError) || error.code === 'EPERM') return;
  domain.domains.smp.log.info(`irq: ${domain.name} didn't like hwirq-0x${hwirq.toString(16)} to VIRQ${virq} mapping (rc=${error.errno})`);
}

/** Ties `count` virqs in a row; the ones that fail are skipped. Task context. @kernel irq_domain_associate_many */
export function irqDomainAssociateMany(domain: IrqDomain, virqBase: number, hwirqBase: number, count: number): void {
  domain.domains.smp.log.debug(
    `irq: irq_domain_associate_many(${ofNodeFullName(domain.fwnode)}, irqbase=${virqBase}, hwbase=${hwirqBase}, count=${count})`);
  for (let i = 0; i < count; i++) {
    try {
      irqDomainAssociate(domain, virqBase + i, hwirqBase + i);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
    }
  }
}

/** Unties a virq that {@link irqDomainAssociate} tied; a wrong one is reported. Task context. @kernel irq_domain_disassociate */
export function irqDomainDisassociate(domain: IrqDomain, virq: number): void {
  const { genirq, smp } = domain.domains;
  const data = genirq.irqToDesc(virq)?.irqData;
  if (!data || data.domain !== domain) {
    smp.diagnostics.report('warn', `virq${virq} doesn't exist; cannot disassociate`);
    return;
  }
  const { hwirq } = data;
  domain.locked('irq_domain_disassociate', () => {
    setStatusFlags(genirq, virq, IRQ.NOREQUEST);
    setChipAndHandler(genirq, virq, null, null);
    synchronizeIrq(genirq, virq);
    domain.ops.unmap?.(domain, virq);
    data.domain = null;
    data.hwirq = 0;
    domain.mapcount--;
    clearMapping(domain, hwirq);
  });
}
