import { getTriggerType, IRQ_TYPE, irqdSetTriggerType } from '@irqchip/genirq-core';
import { NUMA_NO_NODE, ofNodeFullName, type FwNode } from '../domain/fwnode.ts';
import type { IrqDomain, IrqFwspec, IrqTranslation } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqFwspecDomain } from '../domain/match.ts';
import { allocIrqsLocked } from '../hierarchy/alloc.ts';
import { createMappingLocked } from './create-mapping.ts';
import { orNone } from './refused.ts';
import { irqFindMapping } from './resolve.ts';
import { irqDomainTranslate } from './translate.ts';

/** @kernel IRQ_DOMAIN_IRQ_SPEC_PARAMS */
const MAX_PARAMS = 16;

/**
 * The Linux interrupt that firmware describes, mapped now if it was not; its trigger type is remembered until it is
 * requested. Task context.
 *
 * A hierarchical domain gets the fwspec itself as the argument of `alloc`.
 * @returns 0 on any failure, as the kernel does; `domains.mappingError` or the log says why.
 * @kernel irq_create_fwspec_mapping
 */
export function irqCreateFwspecMapping(domains: IrqDomains, fwspec: IrqFwspec): number {
  const { log, diagnostics } = domains.smp;
  domains.mappingError = null;
  if (diagnostics.warnOn(fwspec.param.length > MAX_PARAMS, `irq_create_fwspec_mapping: ${fwspec.param.length} cells; an interrupt has at most ${MAX_PARAMS}`)) return 0;
  const domain = irqFwspecDomain(domains, fwspec);
  if (!domain) {
    log.warn(`irq: no irq domain found for ${ofNodeFullName(fwspec.fwnode)} !`);
    return 0;
  }
  const meaning = senseOnly(domain, orNone(domains, null, () => irqDomainTranslate(domain, fwspec)));
  if (!meaning) return 0;
  return domain.locked('irq_create_fwspec_mapping', () => {
    const virq = irqFindMapping(domain, meaning.hwirq);
    return virq === 0 ? mapNew(domain, fwspec, meaning) : checkExisting(domain, fwspec, virq, meaning);
  });
}

/** As {@link irqCreateFwspecMapping}, for a device-tree specifier. @kernel irq_create_of_mapping */
export function irqCreateOfMapping(domains: IrqDomains, node: FwNode | null, args: readonly number[]): number {
  return irqCreateFwspecMapping(domains, { fwnode: node, param: args });
}

function senseOnly(domain: IrqDomain, meaning: IrqTranslation | null): IrqTranslation | null {
  if (!meaning) return null;
  const stray = meaning.type & ~IRQ_TYPE.SENSE_MASK;
  if (!domain.domains.smp.diagnostics.warnOn(stray !== 0, `${domain.name}: trigger type 0x${meaning.type.toString(16)} of hwirq ${meaning.hwirq} has bits outside IRQ_TYPE_SENSE_MASK`)) return meaning;
  return { hwirq: meaning.hwirq, type: meaning.type & IRQ_TYPE.SENSE_MASK };
}

function checkExisting(domain: IrqDomain, fwspec: IrqFwspec, virq: number, { hwirq, type }: IrqTranslation): number {
  const { genirq, smp } = domain.domains;
  const stored = getTriggerType(genirq, virq);
  if (type === IRQ_TYPE.NONE || type === stored) return virq;
  if (stored === IRQ_TYPE.NONE) {
    irqdSetTriggerType(genirq.irqToDesc(virq)!.irqData, type);
    return virq;
  }
  smp.log.warn(`irq: type mismatch, failed to map hwirq-${hwirq} for ${ofNodeFullName(fwspec.fwnode)}!`);
  return 0;
}

function mapNew(domain: IrqDomain, fwspec: IrqFwspec, meaning: IrqTranslation): number {
  const { hwirq, type } = meaning;
  const virq = domain.isHierarchy ? allocOne(domain, fwspec, meaning) : createMappingLocked(domain, hwirq, null);
  if (virq !== 0) irqdSetTriggerType(domain.domains.genirq.irqToDesc(virq)!.irqData, type);
  return virq;
}

function allocOne(domain: IrqDomain, fwspec: IrqFwspec, { hwirq, type }: IrqTranslation): number {
  const { wired } = domain;
  return orNone(domain.domains, 0, () => (wired
    ? domain.unlocked(() => wired.alloc(hwirq, type))
    : allocIrqsLocked(domain, -1, 1, NUMA_NO_NODE, fwspec, false, null)));
}
