import type { CpuHotplug } from '@irqchip/cpuhp';
import { getIrqData, irqToDesc } from '@irqchip/genirq-core';
import { irqDomainFreeIrqs, irqDomainRemove, type FwNode, type IrqDomains } from '@irqchip/irqdomain';
import { IrqError, serviceToken, type ServiceToken } from '@irqchip/smp';
import { IPI_MUX_NR_IRQS, type IpiMuxContract, type IpiMuxPatchContract } from './contract.ts';
import { allocMuxIrqs, makeMuxDomain } from './domain.ts';
import { mergedDoorbell, patchDoorbell } from './doorbell.ts';
import { IpiMux } from './mux.ts';
import { adoptParent, checkParent } from './parent.ts';

export interface IpiMuxesOptions {
  /** The widest mux that may be asked for, 1 to 64. The merged kernel code stops at 32. Default 64. */
  readonly maxIpis?: number;
}

/** The one parent of machines that never name theirs, as in the kernel. */
const ANONYMOUS = Symbol('the IPI parent of this machine');

/** The muxes of one machine: one per parent interrupt. */
export class IpiMuxes {
  private readonly byParent = new Map<unknown, IpiMux>();
  private readonly maxIpis: number;

  constructor(
    private readonly domains: IrqDomains,
    private readonly cpuhp: CpuHotplug,
    options: IpiMuxesOptions = {},
  ) {
    this.maxIpis = options.maxIpis ?? IPI_MUX_NR_IRQS;
  }

  /** Every mux of this machine, oldest first. */
  get all(): readonly IpiMux[] { return [...this.byParent.values()]; }

  /**
   * Creates a mux: all of it or nothing. Task context, at boot.
   *
   * What else the driver needs belongs in `setup`: when it throws, the mux is undone before anybody could send through it,
   * its hotplug state and chained handler included, and the error is passed on. Once `create` has returned there is no way
   * back, since CPUs depend on it.
   *
   * @throws IrqError `EEXIST` when the parent has a mux already; `EINVAL` for a number of vIPIs outside 1 to 64, for a missing
   * operation, or a parent that is no per-CPU interrupt; `EBUSY` when the parent is in use; `ENOMEM` when memory runs out;
   * `ENOSPC` when no dynamic hotplug state is left (posted contract).
   * @kernel ipi_mux_create
   */
  create(contract: IpiMuxContract | IpiMuxPatchContract, setup?: (mux: IpiMux) => void): IpiMux {
    const patch = 'ops' in contract ? contract : null;
    const parent = (patch ? patch.parentVirq || undefined : (contract as IpiMuxContract).parent) ?? ANONYMOUS;
    if (this.byParent.has(parent)) {
      throw new IrqError('EEXIST', 'This parent interrupt has an IPI mux already; the first provider of IPIs wins. Name another `parent` if the hardware has one.');
    }
    const nrIpi = contract.nrIpi ?? IPI_MUX_NR_IRQS;
    if (!Number.isInteger(nrIpi) || nrIpi < 1 || nrIpi > this.maxIpis) {
      throw new IrqError('EINVAL', `An IPI mux carries 1 to ${this.maxIpis} vIPIs, not ${nrIpi}.`);
    }
    checkOperations(contract, patch);
    if (patch && patch.parentVirq > 0) checkParent(this.domains.genirq, patch.parentVirq);
    return this.build(parent, nrIpi, contract, patch, setup);
  }

  private build(
    parent: unknown, nrIpi: number, contract: IpiMuxContract | IpiMuxPatchContract, patch: IpiMuxPatchContract | null,
    setup: ((mux: IpiMux) => void) | undefined,
  ): IpiMux {
    const { smp } = this.domains.genirq;
    const undo: (() => void)[] = [];
    try {
      const doorbell = patch ? patchDoorbell(smp, patch) : mergedDoorbell(contract as IpiMuxContract);
      const mux = new IpiMux(smp, nrIpi, doorbell);
      const fwnode = this.makeFwnode();
      undo.push(() => this.domains.freeFwnode(fwnode));
      const domain = this.makeDomain(mux, fwnode);
      const virq = allocMuxIrqs(this.domains, domain, nrIpi);
      undo.push(() => { this.releaseIrqs(mux, virq); irqDomainRemove(domain); });
      mux.attach(domain, virq);
      if (patch && patch.parentVirq > 0) undo.push(adoptParent(this.domains.genirq, this.cpuhp, mux, patch));
      this.byParent.set(parent, mux);
      undo.push(() => this.byParent.delete(parent));
      setup?.(mux);
      return mux;
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  private makeFwnode(): FwNode {
    try {
      return this.byParent.size === 0 ? this.domains.allocNamedFwnode('IPI-Mux') : this.domains.allocNamedIdFwnode('IPI-Mux', this.byParent.size);
    } catch (error) {
      this.domains.genirq.smp.log.err('ipi-mux: unable to create IPI Mux fwnode');
      throw error;
    }
  }

  private makeDomain(mux: IpiMux, fwnode: FwNode): ReturnType<typeof makeMuxDomain> {
    try {
      return makeMuxDomain(this.domains, mux, fwnode);
    } catch (error) {
      this.domains.genirq.smp.log.err('ipi-mux: unable to add IPI Mux domain');
      throw error;
    }
  }

  private releaseIrqs(mux: IpiMux, virq: number): void {
    const { genirq } = this.domains;
    for (let i = 0; i < mux.nrIpi; i++) {
      const desc = irqToDesc(genirq, virq + i);
      if (desc?.action) {
        genirq.smp.diagnostics.report('leak', `vIPI ${i} (irq ${virq + i}, ${desc.action.name}) was requested by a set-up that then failed: free it before throwing.`);
      }
    }
    if (getIrqData(genirq, virq)) irqDomainFreeIrqs(this.domains, virq, mux.nrIpi);
  }
}

function checkOperations(contract: IpiMuxContract | IpiMuxPatchContract, patch: IpiMuxPatchContract | null): void {
  if (patch) {
    if (!Number.isInteger(patch.parentVirq) || patch.parentVirq < 0) {
      throw new IrqError('EINVAL', `parentVirq is ${patch.parentVirq}; give the per-CPU parent's irq, or 0 when the driver calls process() itself.`);
    }
    if (typeof patch.ops?.clear !== 'function' || typeof patch.ops.send !== 'function') {
      throw new IrqError('EINVAL', 'An IPI mux needs both operations, ops.clear and ops.send.');
    }
  } else if (typeof (contract as IpiMuxContract).send !== 'function') {
    throw new IrqError('EINVAL', 'An IPI mux needs a way to ring a CPU: give `send`, or `parentVirq` and `ops`.');
  }
}

/** The machine's {@link IpiMuxes} in the container: what an IPI provider's driver asks for. */
export const IPI_MUX: ServiceToken<IpiMuxes> = serviceToken<IpiMuxes>('ipi-mux', 'IpiMuxes');
