import { handlePercpuDevidIrq, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import {
  DOMAIN_BUS, IRQ_DOMAIN_FLAG, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainFreeIrqsTop, irqDomainRemove,
  irqDomainSetInfo, irqDomainUpdateBusToken, type FwNode, type IrqDomain, type IrqDomainOps, type IrqDomains,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import type { IpiMux } from './mux.ts';

/** The chip of every vIPI. Nothing but mask, unmask and send: the parent is the driver's. */
function muxChip(mux: IpiMux): IrqChip {
  return {
    name: 'IPI Mux',
    irqMask: ({ hwirq }) => mux.mask(hwirq),
    irqUnmask: ({ hwirq }) => mux.unmask(hwirq),
    ipiSendMask: ({ hwirq }, mask) => mux.send(hwirq, mask),
  };
}

function muxDomainOps(domains: IrqDomains, chip: IrqChip): IrqDomainOps {
  let allocated = false;
  return {
    alloc(domain: IrqDomain, virq: number, nr: number): void {
      if (allocated) throw new IrqError('EBUSY', `${domain.name} allocated all its interrupts when it was created; send one of those instead of reserving another.`);
      allocated = true;
      for (let hwirq = 0; hwirq < nr; hwirq++) {
        setPercpuDevid(domains.genirq, virq + hwirq);
        irqDomainSetInfo(domain, virq + hwirq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
      }
    },
    free: irqDomainFreeIrqsTop,
  };
}

/** A linear domain of `mux.nrIpi` interrupts under `fwnode`, not yet allocated. */
export function makeMuxDomain(domains: IrqDomains, mux: IpiMux, fwnode: FwNode): IrqDomain {
  const domain = irqDomainCreateLinear(domains, fwnode, mux.nrIpi, muxDomainOps(domains, muxChip(mux)), null);
  domain.flags |= IRQ_DOMAIN_FLAG.IPI_SINGLE;
  irqDomainUpdateBusToken(domain, DOMAIN_BUS.IPI);
  return domain;
}

/** Allocates every virq of the mux; undoes the domain when that fails. */
export function allocMuxIrqs(domains: IrqDomains, domain: IrqDomain, nrIpi: number): number {
  try {
    return irqDomainAllocIrqs(domain, nrIpi, -1, null);
  } catch (error) {
    domains.genirq.smp.log.err('ipi-mux: unable to alloc IRQs from IPI Mux domain');
    irqDomainRemove(domain);
    throw error;
  }
}
