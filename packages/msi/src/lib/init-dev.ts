import { irqChipAckParent, irqChipEoiParent } from '@irqchip/genirq-core';
import { DOMAIN_BUS, type IrqDomain } from '@irqchip/irqdomain';
import type { MsiDevice } from '../device/device.ts';
import { msiDomainSetAffinity } from '../domain/message.ts';
import { msiParentOpsOf, type MsiDomainInfo, type MsiParentOps } from '../domain/types.ts';
import { MSI_CHIP_FLAG, MSI_FLAG } from '../flags.ts';

/**
 * The usual `initDevMsiInfo`: cuts a device's wishes down to what the parent supports, adds what it requires, and completes the
 * chip.
 * @returns false, with a warning, for a device domain that this parent cannot serve.
 * @kernel msi_lib_init_dev_msi_info
 */
export function msiLibInitDevMsiInfo(_dev: MsiDevice, domain: IrqDomain, realParent: IrqDomain, info: MsiDomainInfo): boolean {
  const refuse = (why: string): boolean => {
    domain.domains.smp.diagnostics.warnOnce(true, `msi_lib_init_dev_msi_info: ${info.chip.name}: ${why}`);
    return false;
  };
  const ops = msiParentOpsOf(realParent);
  if (ops === null) return refuse(`${realParent.name} has no MSI parent operations`);
  if (domain.busToken !== ops.busSelectToken) return refuse(`${domain.name} has bus token ${domain.busToken}, its operations say ${ops.busSelectToken}`);
  if (domain !== realParent) return refuse(`${domain.name} is not the MSI parent; stacked MSI parents need a function of their own`);
  const required = requiredFlags(ops, info);
  if (typeof required === 'string') return refuse(required);
  info.flags = (info.flags & ops.supportedFlags) | required;
  completeChip(ops, info);
  return true;
}

/** The flags that a device of this kind must have, or what is wrong with it. */
function requiredFlags({ requiredFlags: required }: MsiParentOps, info: MsiDomainInfo): number | string {
  switch (info.busToken) {
    case DOMAIN_BUS.PCI_DEVICE_MSI:
    case DOMAIN_BUS.PCI_DEVICE_MSIX:
      return required;
    case DOMAIN_BUS.DEVICE_MSI:
      if (info.flags !== 0) return `a plain device domain has no feature flags, this one has 0x${info.flags.toString(16)}`;
      info.flags = MSI_FLAG.ALLOC_SIMPLE_MSI_DESCS | MSI_FLAG.FREE_MSI_DESCS;
      return required & ~MSI_FLAG.PCI_MSI_MASK_PARENT;
    case DOMAIN_BUS.WIRED_TO_MSI:
      return required & ~MSI_FLAG.PCI_MSI_MASK_PARENT;
    default:
      return `bus token ${info.busToken} is not one of a device's MSI domain`;
  }
}

function completeChip({ chipFlags = 0 }: MsiParentOps, { chip, flags }: MsiDomainInfo): void {
  if (chipFlags & MSI_CHIP_FLAG.SET_EOI) chip.irqEoi ??= irqChipEoiParent;
  if (chipFlags & MSI_CHIP_FLAG.SET_ACK) chip.irqAck ??= irqChipAckParent;
  // The device's domain never chooses CPUs: its parent does, and it writes what comes of it.
  if (!(flags & MSI_FLAG.NO_AFFINITY)) chip.irqSetAffinity ??= msiDomainSetAffinity;
}
