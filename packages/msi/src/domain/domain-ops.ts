import {
  irqDomainAllocIrqsParent, irqDomainFreeIrqsTop, irqResolveMapping, type IrqDomain, type IrqDomainOps,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import { irqDataGetMsiDesc } from '../device/desc.ts';
import { opsOf } from './default-ops.ts';
import { clearMessage, writeMessage } from './message.ts';
import { msiGetDomainInfo, type MsiAllocInfo } from './types.ts';

/** @throws IrqError `EEXIST` when the hwirq is mapped, or what the parent or `msiInit` throws; nothing is left. @kernel msi_domain_alloc */
function alloc(domain: IrqDomain, virq: number, nrIrqs: number, arg: unknown): void {
  const info = msiGetDomainInfo(domain);
  const ops = opsOf(info);
  const allocInfo = arg as MsiAllocInfo;
  const hwirq = ops.getHwirq(info, allocInfo);
  if (irqResolveMapping(domain, hwirq)) throw new IrqError('EEXIST', `${domain.name}: hwirq ${hwirq} has an interrupt; free that one first.`);
  if (domain.parent) irqDomainAllocIrqsParent(domain, virq, nrIrqs, arg);
  let made = 0;
  try {
    for (; made < nrIrqs; made++) ops.msiInit(domain, info, virq + made, hwirq + made, allocInfo);
  } catch (error) {
    while (made-- > 0) ops.msiFree?.(domain, info, virq + made);
    irqDomainFreeIrqsTop(domain, virq, nrIrqs);
    throw error;
  }
}

/** @kernel msi_domain_free */
function free(domain: IrqDomain, virq: number, nrIrqs: number): void {
  const info = msiGetDomainInfo(domain);
  for (let i = 0; i < nrIrqs; i++) info.ops.msiFree?.(domain, info, virq + i);
  irqDomainFreeIrqsTop(domain, virq, nrIrqs);
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** Operations of every MSI domain. @kernel msi_domain_ops (of an irq_domain) */
export const msiDomainOps: IrqDomainOps = {
  alloc,
  free,
  /** @kernel msi_domain_activate */
  activate: (_domain, data) => writeMessage(data),
  /** @kernel msi_domain_deactivate */
  deactivate: (_domain, data) => clearMessage(data),
  /** @throws IrqError `ENOTSUPP` for a domain whose interrupts firmware does not describe. @kernel msi_domain_translate */
  translate(domain, fwspec) {
    const { ops } = msiGetDomainInfo(domain);
    if (!ops.msiTranslate) throw new IrqError('ENOTSUPP', `${domain.name}: its interrupts are allocated by msiDomainAllocIrqsRange(), not mapped from firmware.`);
    return ops.msiTranslate(domain, fwspec);
  },
  /** Linux 6.12 shows nothing. @kernel msi_domain_debug_show */
  debugShow(domain, data, indent) {
    const desc = data === null || domain.domains.genirq.linux === '6.12' ? null : irqDataGetMsiDesc(data);
    if (desc === null) return [];
    const pad = ' '.repeat(indent + 1);
    const { addressHi, addressLo, data: value } = desc.msg;
    return ['', `${pad}address_hi: ${hex(addressHi)}`, `${pad}address_lo: ${hex(addressLo)}`, `${pad}msg_data:   ${hex(value)}`];
  },
};
