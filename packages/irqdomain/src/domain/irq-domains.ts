import type { Genirq } from '@irqchip/genirq-core';
import { serviceToken, type IrqError, type ServiceToken, type Smp } from '@irqchip/smp';
import { FwNode } from './fwnode.ts';
import type { IrqDomain } from './irq-domain.ts';

/**
 * The domains of one machine. Functions that look a domain up take it as their first argument; where the kernel accepts a
 * NULL domain, giving this object instead of a domain means the default one.
 */
export class IrqDomains {
  readonly genirq: Genirq;
  readonly smp: Smp;
  /**
   * What the domain or its driver threw when the latest mapping function returned 0; null when it mapped, or when only the log says why.
   * {@link mappingRefused} makes a message of it.
   */
  mappingError: IrqError | null = null;
  /** Told of each line that came and is not mapped, wherever it came. */
  onUnmapped: ((domain: IrqDomain, hwirq: number) => void) | null = null;
  private readonly registered: IrqDomain[] = [];
  private readonly fwnodes = new Set<FwNode>();
  private standard: IrqDomain | null = null;
  private unknown = 0;

  constructor(genirq: Genirq) {
    this.genirq = genirq;
    this.smp = genirq.smp;
  }

  /** Newest first, which is also the order of search. @kernel irq_domain_list */
  get list(): readonly IrqDomain[] { return this.registered; }

  /** Irqchip fwnodes that were allocated and not freed. */
  get liveFwnodes(): ReadonlySet<FwNode> { return this.fwnodes; }

  /** The domain of interrupts that name none, or null. @kernel irq_get_default_domain */
  get defaultDomain(): IrqDomain | null { return this.standard; }

  /** Any task context. @kernel irq_set_default_domain */
  setDefaultDomain(domain: IrqDomain | null): void {
    this.smp.log.debug(`irq: Default domain set to @0x${domain ? '(____ptrval____)' : '0'}`);
    this.standard = domain;
  }

  /** A handle for a controller that firmware does not describe. @throws IrqError `ENOMEM` @kernel irq_domain_alloc_named_fwnode */
  allocNamedFwnode(name: string): FwNode {
    return this.allocFwnode(new FwNode('named', name));
  }

  /** As {@link allocNamedFwnode}, called `name-id`. @throws IrqError `ENOMEM` @kernel irq_domain_alloc_named_id_fwnode */
  allocNamedIdFwnode(name: string, id: number): FwNode {
    return this.allocFwnode(new FwNode('named-id', `${name}-${id}`));
  }

  /** A handle called after the controller's physical address. @throws IrqError `ENOMEM` @kernel irq_domain_alloc_fwnode */
  allocIrqchipFwnode(pa: number): FwNode {
    return this.allocFwnode(new FwNode('irqchip', `irqchip@0x${pa.toString(16).padStart(16, '0')}`));
  }

  /** Frees what one of the `alloc…Fwnode` methods gave; anything else is reported. @kernel irq_domain_free_fwnode */
  freeFwnode(fwnode: FwNode): void {
    const { diagnostics } = this.smp;
    if (diagnostics.warnOn(!fwnode.isIrqchip, `irq_domain_free_fwnode: ${fwnode.path || fwnode.name} was not allocated for an irqchip; firmware nodes are not freed here.`)) return;
    diagnostics.warnOn(!this.fwnodes.delete(fwnode), `irq_domain_free_fwnode: ${fwnode.name} was freed before.`);
  }

  /** Number for the next domain without a name. */
  nextUnknown(): number { return ++this.unknown; }

  /** Makes a domain findable. @kernel __irq_domain_publish */
  publish(domain: IrqDomain): void {
    this.registered.unshift(domain);
    this.smp.log.debug(`irq: Added domain ${domain.name}`);
  }

  /** Takes it off the list, and out of the default. */
  unpublish(domain: IrqDomain): void {
    const index = this.registered.indexOf(domain);
    if (index >= 0) this.registered.splice(index, 1);
    if (this.standard === domain) this.setDefaultDomain(null);
  }

  private allocFwnode(fwnode: FwNode): FwNode {
    this.smp.faults.check('fwnode');
    this.fwnodes.add(fwnode);
    return fwnode;
  }
}

/** The machine's {@link IrqDomains} in the container. */
export const IRQ_DOMAINS: ServiceToken<IrqDomains> = serviceToken<IrqDomains>('irqdomain', 'IrqDomains');
