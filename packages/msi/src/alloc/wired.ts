import { DOMAIN_BUS, type IrqDomain } from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { irqGetMsiDesc } from '../device/desc.ts';
import { msiDataOf } from '../device/device.ts';
import { freeDescs } from '../device/store.ts';
import { msiGetDomainInfo } from '../domain/types.ts';
import { MSI_ANY_INDEX, MSI_DEFAULT_DOMAIN } from '../flags.ts';
import { allocIrqAt } from './alloc-at.ts';
import { getDeviceDomain } from './ctrl.ts';
import { freeLocked } from './free.ts';

/** @kernel msi_device_domain_alloc_wired (as the domain's mapping calls it) */
export function allocWired(domain: IrqDomain, hwirq: number, type: number): number {
  const { diagnostics } = domain.domains.smp;
  const notWired = `msi_device_domain_alloc_wired: ${domain.name} is not the domain of wires that become messages`;
  if (diagnostics.warnOnce(!isWired(domain), notWired)) throw new IrqError('EINVAL', `${notWired}; its template needs bus token WIRED_TO_MSI.`);
  const { dev } = msiGetDomainInfo(domain);
  const data = msiDataOf(dev);
  return data.locked('msi_device_domain_alloc_wired', () => {
    const current = getDeviceDomain(data, MSI_DEFAULT_DOMAIN) === domain;
    if (diagnostics.warnOnce(!current, `msi_device_domain_alloc_wired: ${domain.name} is not the first domain of ${dev.name}`)) {
      throw new IrqError('EINVAL', `${domain.name} is not the first MSI domain of ${dev.name}; wires are allocated from that one.`);
    }
    // The wire's number may lie anywhere, and is not the index: it travels in the cookie.
    return allocIrqAt(dev, data, MSI_DEFAULT_DOMAIN, MSI_ANY_INDEX, null, { lo: hwirq, hi: type }).virq;
  });
}

/** @kernel msi_device_domain_free_wired (as the domain's disposal calls it) */
export function freeWired(domain: IrqDomain, virq: number): void {
  const { genirq, smp } = domain.domains;
  const desc = irqGetMsiDesc(genirq, virq);
  if (smp.diagnostics.warnOnce(desc === null || !isWired(domain), `msi_device_domain_free_wired: irq ${virq} is not a wire of ${domain.name}`)) return;
  const { dev } = msiGetDomainInfo(domain);
  const data = msiDataOf(dev);
  data.locked('msi_device_domain_free_wired', () => {
    const current = getDeviceDomain(data, MSI_DEFAULT_DOMAIN) === domain;
    if (smp.diagnostics.warnOnce(!current, `msi_device_domain_free_wired: ${domain.name} is not the first domain of ${dev.name}`)) return;
    const ctrl = { domid: MSI_DEFAULT_DOMAIN, first: desc!.msiIndex, last: desc!.msiIndex, nirqs: 0 };
    freeLocked(dev, data, ctrl);
    // The kernel keeps the descriptor unless the domain has FREE_MSI_DESCS, and runs out of indexes in the end.
    freeDescs(dev, data, ctrl);
  });
}

function isWired({ isMsiDevice, busToken }: IrqDomain): boolean {
  return isMsiDevice && busToken === DOMAIN_BUS.WIRED_TO_MSI;
}

/**
 * An interrupt for wire `hwirq` of a device that turns wires into messages: what mapping a firmware description comes to. The
 * descriptor's cookie has the wire in `lo` and its type in `hi`. Task context.
 * @param type - IRQ_TYPE.*
 * @returns the Linux interrupt.
 * @throws IrqError `EINVAL` (with a warning) for any other domain, and as {@link msiDomainAllocIrqAt}.
 * @kernel msi_device_domain_alloc_wired
 */
export function msiDeviceDomainAllocWired(domain: IrqDomain, hwirq: number, type: number): number {
  return allocWired(domain, hwirq, type);
}

/** Frees what {@link msiDeviceDomainAllocWired} gave; anything else is reported. Task context. @kernel msi_device_domain_free_wired */
export function msiDeviceDomainFreeWired(domain: IrqDomain, virq: number): void {
  freeWired(domain, virq);
}
