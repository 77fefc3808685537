import { chainedIrqEnter, chainedIrqExit, setChainedHandler, type IrqDesc } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqFwspecDomain } from '../domain/match.ts';
import { irqCreateFwspecMapping } from '../mapping/fwspec.ts';
import { mappingRefused } from '../mapping/refused.ts';
import type { ParentInterrupt } from './node.ts';

/** The interrupt that a controller raises when one of its lines is pending. */
export class ParentIrq {
  private mapped = 0;

  constructor(private readonly domains: IrqDomains, private readonly interrupt: ParentInterrupt) {}

  /**
   * Its Linux number; mapped when first asked for.
   * @throws IrqError `EPROBE_DEFER` while the parent controller has no domain, `EINVAL` when the mapping fails.
   * @kernel of_irq_get (of the node's parent interrupt)
   */
  get virq(): number {
    if (this.mapped === 0) this.mapped = mapParent(this.domains, this.interrupt);
    return this.mapped;
  }

  /**
   * Calls `fn` in hard irq context whenever the parent interrupt is taken, between entering and leaving the parent's flow.
   * Starts the parent interrupt.
   * @throws IrqError as {@link virq} does.
   * @kernel irq_set_chained_handler (for a driver's parent interrupt)
   */
  chain(fn: () => void): void {
    const chainedHandler = (desc: IrqDesc): void => {
      const { chip } = desc.irqData;
      chainedIrqEnter(chip, desc);
      fn();
      chainedIrqExit(chip, desc);
    };
    setChainedHandler(this.domains.genirq, this.virq, chainedHandler);
  }
}

function mapParent(domains: IrqDomains, { node, fwnode, args }: ParentInterrupt): number {
  const fwspec = { fwnode, param: args };
  if (!irqFwspecDomain(domains, fwspec)) {
    throw new IrqError('EPROBE_DEFER', `The parent controller ${node.path} has no interrupt domain yet; its driver must be probed first. Is there one for ${node.compatible.join(', ')}?`);
  }
  const virq = irqCreateFwspecMapping(domains, fwspec);
  if (virq === 0) throw mappingRefused(domains, `Interrupt <${args.join(' ')}> of ${node.path} cannot be mapped`);
  return virq;
}
