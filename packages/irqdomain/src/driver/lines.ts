import { checkFlowNeeds, type IrqChip, type IrqFlowHandler } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { FwNode } from '../domain/fwnode.ts';
import { irqDomainCreateLinear } from '../domain/create.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqDomainSetInfo } from '../hierarchy/set-info.ts';
import { genericHandleDomainIrq } from '../mapping/resolve.ts';
import { irqDomainXlateOnetwocell } from '../mapping/translate.ts';

/** The lines of a simple controller. */
export class Lines {
  constructor(readonly domain: IrqDomain) {}

  /**
   * Runs the flow handler of one line. Hard irq context, interrupts off.
   * @returns 0, or -EINVAL for a line that nobody mapped.
   * @kernel generic_handle_domain_irq (one line of a simple controller)
   */
  handle(hwirq: number): number {
    return genericHandleDomainIrq(this.domain, hwirq);
  }
}

/**
 * A linear domain whose lines share one chip and one flow handler. Specifiers are `<hwirq>` or `<hwirq type>`.
 * @throws IrqError `EINVAL` for a chip that lacks what the flow calls, and for what is not there at all; `ENOMEM`.
 */
export function createLines(domains: IrqDomains, fwnode: FwNode, size: number, chip: IrqChip, flow: IrqFlowHandler): Lines {
  const missing = missingOf(size, chip, flow);
  if (missing !== null) throw new IrqError('EINVAL', `${fwnode.path}: linear() was given no ${missing}; is it imported?`);
  checkFlowNeeds(chip, flow);
  const domain = irqDomainCreateLinear(domains, fwnode, size, {
    map: (mapped, virq, hwirq) => irqDomainSetInfo(mapped, virq, hwirq, chip, null, flow, null, null),
    xlate: irqDomainXlateOnetwocell,
  }, null);
  return new Lines(domain);
}

/** A name that a module does not export is undefined wherever imports are not checked. */
function missingOf(size: unknown, chip: unknown, flow: unknown): string | null {
  if (!Number.isInteger(size)) return 'number of lines';
  if (typeof chip !== 'object' || chip === null) return 'chip';
  return typeof flow === 'function' ? null : 'flow handler';
}
