import { handlePercpuDevidIrq, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import {
  irqDomainFreeIrqsTop, irqDomainSetInfo, irqDomainTranslateOnecell, irqDomainXlateOnecell, type IrqDomain, type IrqDomainOps,
  type IrqFwspec,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';

/** Which hwirqs exist: the standard ones, and a window of custom ones. */
export interface IntcRange {
  /** hwirqs 0 … nrIrqs - 1. */
  readonly nrIrqs: number;
  readonly customBase: number;
  readonly nrCustom: number;
}

function exists({ nrIrqs, customBase, nrCustom }: IntcRange, hwirq: number): boolean {
  return (hwirq >= 0 && hwirq < nrIrqs) || (hwirq >= customBase && hwirq < customBase + nrCustom);
}

/** @kernel riscv_intc_domain_map */
function map(domain: IrqDomain, virq: number, hwirq: number): void {
  setPercpuDevid(domain.domains.genirq, virq);
  irqDomainSetInfo(domain, virq, hwirq, domain.hostData as IrqChip, domain.hostData, handlePercpuDevidIrq, null, null);
}

/**
 * `map` and `xlate` serve `irqCreateMapping`, `alloc` and `free` serve mappings from firmware descriptions. Only the latter
 * check the range.
 * @kernel riscv_intc_domain_ops
 */
export function makeIntcDomainOps(range: IntcRange): IrqDomainOps {
  return {
    map,
    xlate: irqDomainXlateOnecell,
    /** @kernel riscv_intc_domain_alloc */
    alloc(domain, virq, nrIrqs, arg) {
      const { hwirq } = irqDomainTranslateOnecell(domain, arg as IrqFwspec);
      if (!exists(range, hwirq)) {
        const custom = range.nrCustom > 0 ? ` and ${range.customBase} to ${range.customBase + range.nrCustom - 1}` : '';
        throw new IrqError('EINVAL', `${domain.name} has no local interrupt ${hwirq}: there are 0 to ${range.nrIrqs - 1}${custom}.`);
      }
      for (let i = 0; i < nrIrqs; i++) map(domain, virq + i, hwirq + i);
    },
    free: irqDomainFreeIrqsTop,
  };
}
