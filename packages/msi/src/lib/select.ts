import type { IrqDomain, IrqFwspec } from '@irqchip/irqdomain';
import { msiParentOpsOf } from '../domain/types.ts';

/**
 * The usual `select` of an MSI parent: under its node without cells it is found as itself, and as what devices of the
 * `busSelectMask` look for. Any context.
 * @kernel msi_lib_irq_domain_select
 */
export function msiLibIrqDomainSelect(domain: IrqDomain, fwspec: IrqFwspec, busToken: number): boolean {
  const ops = msiParentOpsOf(domain);
  if (ops === null || fwspec.fwnode !== domain.fwnode || fwspec.param.length !== 0) return false;
  return busToken === ops.busSelectToken || (ops.busSelectMask & (1 << busToken)) !== 0;
}
