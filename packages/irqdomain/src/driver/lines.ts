import { checkFlowNeeds, type IrqChip, type IrqFlowHandler } from '@irqchip/genirq-core';
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
 * @throws IrqError `EINVAL` for a chip that lacks what the flow calls, `ENOMEM`.
 */
export function createLines(domains: IrqDomains, fwnode: FwNode, size: number, chip: IrqChip, flow: IrqFlowHandler): Lines {
  checkFlowNeeds(chip, flow);
  const domain = irqDomainCreateLinear(domains, fwnode, size, {
    map: (mapped, virq, hwirq) => irqDomainSetInfo(mapped, virq, hwirq, chip, null, flow, null, null),
    xlate: irqDomainXlateOnetwocell,
  }, null);
  return new Lines(domain);
}
