import type { Genirq, IrqChip, IrqFlowHandler } from '@irqchip/genirq-core';
import { IrqError, type MmioRegion, type Smp } from '@irqchip/smp';
import type { FwNode } from '../domain/fwnode.ts';
import { irqDomainRemove } from '../domain/instantiate.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { createLines, type Lines } from './lines.ts';
import type { IrqchipNode, ParentInterrupt } from './node.ts';
import { ParentIrq } from './parent-irq.ts';

/** What the machine knows of a node that is to be probed. */
export interface ProbeBase {
  readonly node: IrqchipNode;
  readonly fwnode: FwNode;
  readonly domains: IrqDomains;
  /** One per `reg` entry. */
  readonly regions: readonly MmioRegion[];
  /** `interrupts-extended`, else `interrupts`; those that resolve. */
  readonly parents: readonly ParentInterrupt[];
  /** Why others did not resolve. */
  readonly parentErrors?: readonly IrqError[];
  /** The broken entry that ends the list early, if one does; what stands behind it does not count, as in `of_irq_count`. */
  readonly parentsEnd?: IrqError | null;
  /** The controller that `msi-parent` names; null or left out without one. */
  readonly msiParent?: FwNode | null;
}

/** What a driver's probe is given about its node. May be taken apart: `({ regs, parent, linear }) => …`. */
export interface ProbeContext extends ProbeBase {
  readonly parentErrors: readonly IrqError[];
  readonly msiParent: FwNode | null;
  readonly smp: Smp;
  readonly genirq: Genirq;
  /** The first register region, mapped. @kernel of_iomap, devm_platform_ioremap_resource @throws IrqError `ENODEV` without one. */
  readonly regs: MmioRegion;
  /** The first parent interrupt. @throws IrqError `ENODEV` without one. */
  readonly parent: ParentIrq;
  /** Any parent interrupt. @kernel platform_get_irq, irq_of_parse_and_map @throws IrqError `ENODEV` when there are not so many. */
  parentIrq(index: number): ParentIrq;
  /** The parent interrupt that `interrupt-names` calls so. @kernel platform_get_irq_byname @throws IrqError `ENODATA` for a name that is not there, else as {@link parentIrq}. */
  parentIrqByName(name: string): ParentIrq;
  /** The register region that `reg-names` calls so. @kernel devm_platform_ioremap_resource_byname @throws IrqError `ENODATA`. */
  regionByName(name: string): MmioRegion;
  /**
   * A linear domain under the node, whose `size` lines share one chip and one flow handler. It goes again when the probe throws.
   * @throws IrqError `EINVAL` for a chip that lacks what the flow calls, `ENOMEM`.
   */
  readonly linear: (size: number, chip: IrqChip, flow: IrqFlowHandler) => Lines;
}

class Probe implements ProbeContext {
  readonly node: IrqchipNode;
  readonly fwnode: FwNode;
  readonly domains: IrqDomains;
  readonly genirq: Genirq;
  readonly smp: Smp;
  readonly regions: readonly MmioRegion[];
  readonly parents: readonly ParentInterrupt[];
  readonly parentErrors: readonly IrqError[];
  readonly parentsEnd: IrqError | null;
  readonly msiParent: FwNode | null;
  /** Made when asked for: a controller may be wired to thousands, and few drivers use more than one this way. */
  private readonly irqs: ParentIrq[] = [];
  private readonly managed: Lines[] = [];

  constructor(base: ProbeBase) {
    this.node = base.node;
    this.fwnode = base.fwnode;
    this.domains = base.domains;
    this.genirq = base.domains.genirq;
    this.smp = base.domains.smp;
    this.regions = base.regions;
    this.parents = base.parents;
    this.parentErrors = base.parentErrors ?? [];
    this.parentsEnd = base.parentsEnd ?? null;
    this.msiParent = base.msiParent ?? null;
  }

  get regs(): MmioRegion {
    const region = this.regions[0];
    if (!region) throw new IrqError('ENODEV', `${this.node.path} has no register region; give it a reg property, or do not use regs.`);
    return region;
  }

  get parent(): ParentIrq { return this.parentIrq(0); }

  readonly parentIrq = (index: number): ParentIrq => {
    const interrupt = this.parents[index];
    if (interrupt) return this.irqs[index] ??= new ParentIrq(this.domains, interrupt);
    const cause = this.parentErrors[0] ?? this.parentsEnd;
    throw new IrqError('ENODEV', `${this.node.path} has ${this.parents.length} parent interrupts, number ${index} is not among them${cause ? ` (${cause.message})` : ''}; see its interrupts or interrupts-extended.`, cause ? { cause } : {});
  };

  readonly parentIrqByName = (name: string): ParentIrq => this.parentIrq(this.indexOf('interrupt-names', name));

  readonly regionByName = (name: string): MmioRegion => {
    const index = this.indexOf('reg-names', name);
    const region = this.regions[index];
    if (!region) throw new IrqError('ENODATA', `${this.node.path} has ${this.regions.length} register regions, and reg-names calls number ${index} "${name}"; correct one of the two.`);
    return region;
  };

  readonly linear = (size: number, chip: IrqChip, flow: IrqFlowHandler): Lines => {
    const lines = createLines(this.domains, this.fwnode, size, chip, flow);
    this.managed.push(lines);
    return lines;
  };

  release(): void {
    for (const { domain } of this.managed.splice(0)) if (this.domains.list.includes(domain)) irqDomainRemove(domain);
  }

  private indexOf(property: string, name: string): number {
    const names = this.node.strings(property);
    const index = names.indexOf(name);
    if (index < 0) throw new IrqError('ENODATA', `${this.node.path}: ${property} has no "${name}"; it has ${names.length > 0 ? names.join(', ') : 'none'}.`);
    return index;
  }
}

/** The context of one probe. Used by what probes drivers: the machine, or a test. */
export function makeProbeContext(base: ProbeBase): ProbeContext {
  return new Probe(base);
}

/** Takes back what a probe that threw was given: the domains of `linear`. Used by what probes drivers. @kernel devres_release_all (of a probe's domains) */
export function releaseProbe(ctx: ProbeContext): void {
  if (ctx instanceof Probe) ctx.release();
}
