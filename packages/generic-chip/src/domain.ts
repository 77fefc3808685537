import { modifyStatus, noIrqChip, type IrqFlowHandler } from '@irqchip/genirq-core';
import {
  IRQ_DOMAIN_FLAG, irqDomainGetIrqData, irqDomainInstantiate, irqDomainSetInfo, irqDomainXlateOnetwocell, type IrqDomain,
  type IrqDomainInfo, type IrqDomainOps, type IrqDomains,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { IRQ_GC } from './flags.ts';
import { IrqChipGeneric } from './generic-chip.ts';
import { initMaskCache, irqRemoveGenericChip, setMask } from './setup.ts';

/** How the lines of a domain are divided over chips. @kernel irq_domain_chip_generic_info */
export interface DomainChipGenericInfo {
  readonly name: string;
  readonly handler: IrqFlowHandler | null;
  /** 1 to 32. */
  readonly irqsPerChip: number;
  /** Types a chip; default 1. */
  readonly numCt?: number;
  /** IRQ_* settings that each mapped line loses and gets. */
  readonly irqFlagsToClear?: number;
  readonly irqFlagsToSet?: number;
  /** IRQ_GC.* */
  readonly gcFlags?: number;
  /** Fills a new chip in; may throw. */
  readonly init?: (gc: IrqChipGeneric) => void;
  readonly exit?: (gc: IrqChipGeneric) => void;
}

/** The generic chips of one domain. @kernel irq_domain_chip_generic */
export class DomainChipGeneric {
  constructor(readonly info: DomainChipGenericInfo, readonly chips: readonly IrqChipGeneric[]) {}

  /** Called when the domain goes. */
  remove(domain: IrqDomain): void { irqDomainRemoveGenericChips(domain); }
}

/**
 * Gives a linear domain its chips. Task context; on failure nothing is left behind.
 * @throws IrqError `EBUSY` when it has chips, `EINVAL` without lines or for more than 32 lines a chip, `ENOMEM`, or what `init` throws.
 * @kernel irq_domain_alloc_generic_chips
 */
export function irqDomainAllocGenericChips(domain: IrqDomain, info: DomainChipGenericInfo): void {
  const { name, irqsPerChip, handler, numCt = 1 } = info;
  const { smp } = domain.domains;
  if (domain.gc) throw new IrqError('EBUSY', `${domain.name} has generic chips already.`);
  if (!(irqsPerChip >= 1 && irqsPerChip <= 32)) throw new IrqError('EINVAL', `${domain.name}: a generic chip has 1 to 32 lines, not ${irqsPerChip}.`);
  const count = Math.ceil(domain.revmapSize / irqsPerChip);
  if (count === 0) throw new IrqError('EINVAL', `${domain.name} has no lines for generic chips: create it with a size.`);
  smp.faults.check('irq_chip_generic');
  const chips: IrqChipGeneric[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const gc = new IrqChipGeneric(smp, { name, numCt, irqBase: i * irqsPerChip, regs: null, handler });
      gc.domain = domain;
      gc.bigEndian = ((info.gcFlags ?? 0) & IRQ_GC.BE_IO) !== 0;
      info.init?.(gc);
      chips.push(gc);
    }
  } catch (error) {
    for (const gc of chips.reverse()) info.exit?.(gc);
    throw error;
  }
  domain.gc = new DomainChipGeneric(info, chips);
}

/** Takes all chips off a domain. Task context. @kernel irq_domain_remove_generic_chips */
export function irqDomainRemoveGenericChips(domain: IrqDomain): void {
  const dgc = domain.gc;
  if (!(dgc instanceof DomainChipGeneric)) return;
  for (const gc of dgc.chips) {
    dgc.info.exit?.(gc);
    irqRemoveGenericChip(domain.domains.genirq, gc, -1 >>> (32 - dgc.info.irqsPerChip), 0, 0);
  }
  domain.gc = null;
}

/**
 * A domain with generic chips, which go when the domain does. Its ops are {@link irqGenericChipOps} unless others are given.
 * @throws IrqError as `irqDomainInstantiate` and {@link irqDomainAllocGenericChips} do.
 * @kernel irq_domain_info.dgc_info
 */
export function irqDomainInstantiateGeneric(
  domains: IrqDomains, info: Omit<IrqDomainInfo, 'ops'> & { readonly ops?: IrqDomainOps }, dgcInfo: DomainChipGenericInfo,
): IrqDomain {
  return irqDomainInstantiate(domains, {
    ...info,
    ops: info.ops ?? irqGenericChipOps,
    domainFlags: (info.domainFlags ?? 0) | IRQ_DOMAIN_FLAG.DESTROY_GC,
    init: (domain) => {
      irqDomainAllocGenericChips(domain, dgcInfo);
      try {
        info.init?.(domain);
      } catch (error) {
        irqDomainRemoveGenericChips(domain);
        throw error;
      }
    },
  });
}

/** The chip that serves `hwirq`, null without one. @kernel irq_get_domain_generic_chip */
export function irqGetDomainGenericChip(domain: IrqDomain, hwirq: number): IrqChipGeneric | null {
  const dgc = domain.gc;
  return dgc instanceof DomainChipGeneric ? dgc.chips[Math.floor(hwirq / dgc.info.irqsPerChip)] ?? null : null;
}

/**
 * Maps one line: the `map` of such a domain.
 * @throws IrqError `ENODEV` when the domain has no generic chips, `EINVAL` beyond the last, `ENOTSUPP` for a line in `unused`,
 * `EBUSY` for one that is mapped.
 * @kernel irq_map_generic_chip
 */
export function irqMapGenericChip(domain: IrqDomain, virq: number, hwirq: number): void {
  const dgc = domain.gc;
  if (!(dgc instanceof DomainChipGeneric)) throw new IrqError('ENODEV', `${domain.name} has no generic chips; give it some before its lines are mapped.`);
  const gc = irqGetDomainGenericChip(domain, hwirq);
  const { irqsPerChip, gcFlags = 0, irqFlagsToClear = 0, irqFlagsToSet = 0 } = dgc.info;
  if (!gc) throw new IrqError('EINVAL', `${domain.name}: hwirq ${hwirq} is beyond its ${dgc.chips.length} chips of ${irqsPerChip} lines.`);
  const place = hwirq % irqsPerChip;
  if ((gc.unused >>> place) & 1) throw new IrqError('ENOTSUPP', `${domain.name}: line ${hwirq} does not exist in hardware.`);
  if ((gc.installed >>> place) & 1) throw new IrqError('EBUSY', `${domain.name}: line ${hwirq} is mapped already.`);
  if (gc.installed === 0) initMaskCache(gc, gcFlags);
  gc.installed |= 1 << place;
  const type = gc.chipTypes[0]!;
  const data = irqDomainGetIrqData(domain, virq);
  if (data) setMask(data, type.chip.irqCalcMask, place);
  try {
    irqDomainSetInfo(domain, virq, hwirq, type.chip, gc, type.handler, null, null);
  } catch (error) {
    gc.installed &= ~(1 << place);
    throw error;
  }
  modifyStatus(domain.domains.genirq, virq, irqFlagsToClear, irqFlagsToSet);
}

/** Unmaps one line. @kernel irq_unmap_generic_chip */
export function irqUnmapGenericChip(domain: IrqDomain, virq: number): void {
  const data = irqDomainGetIrqData(domain, virq);
  const gc = data && irqGetDomainGenericChip(domain, data.hwirq);
  if (!data || !gc || !(domain.gc instanceof DomainChipGeneric)) return;
  gc.installed &= ~(1 << (data.hwirq % domain.gc.info.irqsPerChip));
  irqDomainSetInfo(domain, virq, data.hwirq, noIrqChip, null, null, null, null);
}

/** Lines are `<line>` or `<line type>`. @kernel irq_generic_chip_ops */
export const irqGenericChipOps: IrqDomainOps = {
  map: irqMapGenericChip,
  unmap: irqUnmapGenericChip,
  xlate: irqDomainXlateOnetwocell,
};
