import type { InterruptSpec } from '@irqchip/devicetree';
import { DOMAIN_BUS, irqCreateFwspecMapping, irqFindMatchingFwspec, mappingRefused } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import type { Assembly } from '../boot/assemble.ts';

/**
 * The Linux number of an interrupt in the device tree, mapped now if it was not.
 * @throws IrqError `EINVAL` without a domain, and when it cannot be mapped.
 * @kernel irq_create_of_mapping (with the reason of a failure)
 */
export function mapInterrupt({ services: { domains }, prober }: Assembly, { controller, args }: InterruptSpec, what: string): number {
  const fwspec = { fwnode: prober.fwnode(controller), param: args };
  const known = [DOMAIN_BUS.WIRED, DOMAIN_BUS.ANY].some((token) => irqFindMatchingFwspec(domains, fwspec, token) !== null);
  const refused = `${what}, <${args.join(' ')}> of ${controller.path}, cannot be mapped`;
  if (!known) throw new IrqError('EINVAL', `${refused}; has that controller a driver?`);
  const virq = irqCreateFwspecMapping(domains, fwspec);
  if (virq === 0) throw mappingRefused(domains, refused);
  return virq;
}
