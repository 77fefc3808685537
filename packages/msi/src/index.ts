export * from './flags.ts';

// Devices and their descriptors
export {
  getCachedMsiMsg, irqDataGetMsiDesc, irqGetMsiDesc, irqSetMsiDescOff, MsiDesc, type MsiDescFilter, type MsiInstanceCookie, type PciMsiDesc,
} from './device/desc.ts';
export {
  makeMsiDevice, MsiDeviceData, msiLockDescs, type DevMsiInfo, type MsiDevDomain, type MsiDevice, type MsiDeviceInit,
} from './device/device.ts';
export { msiSetupDeviceData } from './device/data.ts';
export {
  msiDomainDescs, msiDomainFreeMsiDescsAll, msiDomainFreeMsiDescsRange, msiDomainGetVirq, msiDomainInsertMsiDesc, type MsiDescInit,
} from './device/store.ts';

// Domains
export {
  msiCreateDeviceIrqDomain, msiDeviceDataRelease, msiDeviceIrqDomain, msiMatchDeviceIrqDomain, msiRemoveDeviceIrqDomain, type MsiDeviceDomainInit,
} from './domain/device-domain.ts';
export { msiDomainSetAffinity } from './domain/message.ts';
export { msiCreateParentIrqDomain, msiParentInitDevMsiInfo } from './domain/parent.ts';
export {
  msiGetDomainInfo, msiParentOpsOf,
  type MsiAllocInfo, type MsiDomainInfo, type MsiDomainOps, type MsiDomainTemplate, type MsiIrqChip, type MsiParentOps,
} from './domain/types.ts';
export { msiLibInitDevMsiInfo } from './lib/init-dev.ts';
export { msiLibIrqDomainSelect } from './lib/select.ts';

// Interrupts
export { msiDomainAllocIrqsAllLocked, msiDomainAllocIrqsRange, msiDomainAllocIrqsRangeLocked } from './alloc/alloc.ts';
export { msiDomainAllocIrqAt, type MsiMap } from './alloc/alloc-at.ts';
export {
  msiDomainFreeIrqsAll, msiDomainFreeIrqsAllLocked, msiDomainFreeIrqsRange, msiDomainFreeIrqsRangeLocked,
} from './alloc/free.ts';
export { msiDeviceDomainAllocWired, msiDeviceDomainFreeWired } from './alloc/wired.ts';

// PCI
export { PciDevice, type PciDeviceInit } from './pci/device.ts';
export { pciMsiDomainSupports, pciSetupMsiDeviceDomain, pciSetupMsixDeviceDomain } from './pci/domains.ts';
export { PCI_IRQ, pciAllocIrqVectors, pciFreeIrqVectors, pciIrqVector } from './pci/enable.ts';
export { PCI_MSIX_ENTRY, type MsiPort, type MsixPort } from './pci/ports.ts';
export { msiIrqsFiles, type MsiIrqFile } from './pci/sysfs.ts';
export { pciMsiTemplate, pciMsixTemplate } from './pci/templates.ts';
