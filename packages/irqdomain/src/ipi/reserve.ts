import { IRQ, setStatusFlags } from '@irqchip/genirq-core';
import { IrqError, type CpuMask, type Errno } from '@irqchip/smp';
import { NUMA_NO_NODE } from '../domain/fwnode.ts';
import { IRQ_DOMAIN_FLAG } from '../domain/flags.ts';
import type { IrqDomain } from '../domain/irq-domain.ts';
import type { IrqDomains } from '../domain/irq-domains.ts';
import { irqDomainAllocIrqsAt } from '../hierarchy/alloc.ts';
import { irqDomainFreeIrqs } from '../hierarchy/free.ts';
import { irqDomainAllocDescs } from '../mapping/alloc-descs.ts';

function refuse(domains: IrqDomains, code: Errno, warning: string, cure: string, cause?: unknown): IrqError {
  domains.smp.log.warn(`genirq/ipi: ${warning}`);
  return new IrqError(code, `${warning}; ${cure}`, { cause });
}

/**
 * Reserves a Linux interrupt that can be sent to any CPU of `dest`. Task context.
 *
 * The domain's `alloc` gets the mask as its argument. An IPI_SINGLE domain gives one interrupt, an IPI_PER_CPU one a run of
 * them, one for each CPU.
 * @returns the (first) virq.
 * @throws IrqError `EINVAL` for a domain without IPIs or a mask that is empty, impossible or (per CPU) has holes; `ENOMEM`
 * without descriptors; `EBUSY` when the domain has no hwirq left.
 * @kernel irq_reserve_ipi
 */
export function irqReserveIpi(domain: IrqDomain, dest: CpuMask): number {
  const { domains } = domain;
  const { genirq, smp } = domains;
  if (!domain.isIpi) throw refuse(domains, 'EINVAL', 'Reservation on a non IPI domain', `${domain.name} has neither IPI_SINGLE nor IPI_PER_CPU.`);
  if (!dest.isSubsetOf(smp.cpus.possible)) throw refuse(domains, 'EINVAL', 'Reservation is not in possible_cpu_mask', `possible CPUs are ${smp.cpus.possible.toList()}.`);
  if (dest.isEmpty()) throw refuse(domains, 'EINVAL', 'Reservation for empty destination mask', 'name at least one CPU.');
  const single = (domain.flags & IRQ_DOMAIN_FLAG.IPI_SINGLE) !== 0;
  if (!single && hasHoles(dest)) throw refuse(domains, 'EINVAL', 'Destination mask has holes', `reserve one IPI for each run of ${dest.toList()}.`);
  const nrIrqs = single ? 1 : dest.weight();
  const virq = allocBlock(domain, nrIrqs, dest);
  for (let i = 0; i < nrIrqs; i++) {
    const { common } = genirq.irqToDesc(virq + i)!.irqData;
    common.affinity.copy(dest);
    common.ipiOffset = single ? 0 : dest.first();
    setStatusFlags(genirq, virq + i, IRQ.NO_BALANCING);
  }
  return virq;
}

function hasHoles(mask: CpuMask): boolean {
  let cpu = mask.first();
  while (mask.test(cpu + 1)) cpu++;
  return mask.next(cpu) < mask.size;
}

function allocBlock(domain: IrqDomain, nrIrqs: number, dest: CpuMask): number {
  const { domains } = domain;
  let virq: number;
  try {
    virq = irqDomainAllocDescs(domains, -1, nrIrqs, 0, NUMA_NO_NODE);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    throw refuse(domains, 'ENOMEM', "Can't reserve IPI, failed to alloc descs", `${nrIrqs} were needed.`, error);
  }
  try {
    return irqDomainAllocIrqsAt(domain, virq, nrIrqs, NUMA_NO_NODE, dest, true, null);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    throw refuse(domains, 'EBUSY', "Can't reserve IPI, failed to alloc hw irqs", `${domain.name} said ${error.code}: ${error.message}`, error);
  }
}

/**
 * Gives an IPI back, of a per-CPU domain also for some of its CPUs only. Task context.
 * @throws IrqError `EINVAL` for an interrupt that is no IPI, or CPUs that it does not have.
 * @kernel irq_destroy_ipi
 */
export function irqDestroyIpi(domains: IrqDomains, irq: number, dest: CpuMask): void {
  const { genirq, smp } = domains;
  const data = irq > 0 ? genirq.irqToDesc(irq)?.irqData : undefined;
  if (!data) throw new IrqError('EINVAL', `irq_destroy_ipi: irq ${irq} does not exist.`);
  const domain = data.domain as IrqDomain | null;
  if (smp.diagnostics.warnOn(!domain, `irq_destroy_ipi: irq ${irq} belongs to no domain`)) throw new IrqError('EINVAL', `irq_destroy_ipi: irq ${irq} belongs to no domain.`);
  if (!domain!.isIpi) throw refuse(domains, 'EINVAL', 'Trying to destroy a non IPI domain!', `irq ${irq} is of ${domain!.name}.`);
  const { affinity, ipiOffset } = data.common;
  if (smp.diagnostics.warnOn(!dest.isSubsetOf(affinity), `irq_destroy_ipi: CPUs ${dest.toList()} are not all of irq ${irq}`)) {
    throw new IrqError('EINVAL', `irq_destroy_ipi: irq ${irq} serves CPUs ${affinity.toList()}, not all of ${dest.toList()}.`);
  }
  if (domain!.isIpiPerCpu) irqDomainFreeIrqs(domains, irq + dest.first() - ipiOffset, dest.weight());
  else irqDomainFreeIrqs(domains, irq, 1);
}
