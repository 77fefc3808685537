import type { FwNode } from './fwnode.ts';
import { HWIRQ_NO_LIMIT, instantiate, irqDomainInstantiate } from './instantiate.ts';
import type { IrqDomain, IrqDomainOps } from './irq-domain.ts';
import type { IrqDomains } from './irq-domains.ts';

// The kernel's functions return NULL for every failure; these throw what irqDomainInstantiate throws.

/** A domain of hwirqs 0 … size - 1. Task context. @throws IrqError `ENOMEM` @kernel irq_domain_create_linear, irq_domain_add_linear */
export function irqDomainCreateLinear(domains: IrqDomains, fwnode: FwNode | null, size: number, ops: IrqDomainOps, hostData: unknown): IrqDomain {
  return irqDomainInstantiate(domains, { fwnode, size, hwirqMax: size, ops, hostData });
}

/** A domain of few hwirqs anywhere. Task context. @throws IrqError `ENOMEM` @kernel irq_domain_create_tree */
export function irqDomainCreateTree(domains: IrqDomains, fwnode: FwNode | null, ops: IrqDomainOps, hostData: unknown): IrqDomain {
  return irqDomainInstantiate(domains, { fwnode, hwirqMax: HWIRQ_NO_LIMIT, ops, hostData });
}

/**
 * A domain whose hwirqs are virqs below `maxIrq`; map with `irqCreateDirectMapping`. Task context.
 * @throws IrqError `ENOMEM`
 * @kernel irq_domain_create_nomap
 */
export function irqDomainCreateNomap(domains: IrqDomains, fwnode: FwNode | null, maxIrq: number, ops: IrqDomainOps, hostData: unknown): IrqDomain {
  return irqDomainInstantiate(domains, { fwnode, hwirqMax: maxIrq, directMax: maxIrq, ops, hostData });
}

/**
 * A linear domain; with `firstIrq` above 0 all its hwirqs are mapped at once, from that virq on. Task context.
 * @throws IrqError `ENOMEM`
 * @kernel irq_domain_create_simple
 */
export function irqDomainCreateSimple(domains: IrqDomains, fwnode: FwNode | null, size: number, firstIrq: number, ops: IrqDomainOps, hostData: unknown): IrqDomain {
  return instantiate(domains, { fwnode, size, hwirqMax: size, virqBase: firstIrq, ops, hostData }, true, false);
}

/**
 * A domain for virqs that exist already: `size` hwirqs from `firstHwirq` are mapped to virqs from `firstIrq`. Task context.
 * @throws IrqError `ENOMEM`
 * @kernel irq_domain_create_legacy
 */
export function irqDomainCreateLegacy(
  domains: IrqDomains, fwnode: FwNode | null, size: number, firstIrq: number, firstHwirq: number, ops: IrqDomainOps, hostData: unknown,
): IrqDomain {
  const end = firstHwirq + size;
  return instantiate(domains, { fwnode, size: end, hwirqMax: end, hwirqBase: firstHwirq, virqBase: firstIrq, ops, hostData }, false, true);
}

/**
 * A domain stacked on `parent`; `size` 0 makes it a tree. Task context.
 * @param flags - IRQ_DOMAIN_FLAG.*
 * @param domains - needed only without a parent.
 * @throws IrqError `ENOMEM`
 * @kernel irq_domain_create_hierarchy
 */
export function irqDomainCreateHierarchy(
  parent: IrqDomain | null, flags: number, size: number, fwnode: FwNode | null, ops: IrqDomainOps, hostData: unknown,
  domains: IrqDomains = parent!.domains,
): IrqDomain {
  return irqDomainInstantiate(domains, { fwnode, size, hwirqMax: size || HWIRQ_NO_LIMIT, ops, hostData, domainFlags: flags, parent });
}
