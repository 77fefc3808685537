import type { InterruptSpec } from '@irqchip/devicetree';
import { DOMAIN_BUS, irqCreateFwspecMapping, irqFindMatchingFwspec } from '@irqchip/irqdomain';
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
  const virq = known ? irqCreateFwspecMapping(domains, fwspec) : 0;
  if (virq !== 0) return virq;
  throw new IrqError('EINVAL', `${what}, <${args.join(' ')}> of ${controller.path}, cannot be mapped; ${known ? 'the log says why.' : 'has that controller a driver?'}`);
}
