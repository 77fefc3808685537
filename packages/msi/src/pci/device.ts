import type { FwNode, IrqDomain } from '@irqchip/irqdomain';
import { makeMsiDevice, type DevMsiInfo, type MsiDevice } from '../device/device.ts';
import { msiGetDomainInfo } from '../domain/types.ts';
import type { MsiPort, MsixPort } from './ports.ts';

/** What a PCI function is made of. */
export interface PciDeviceInit {
  readonly numaNode?: number;
  readonly fwnode?: FwNode | null;
  /** The MSI parent: what `irqFindMatchingFwnode` finds under the host bridge's `msi-parent` for PCI_MSI. */
  readonly domain?: IrqDomain | null;
  readonly msix?: MsixPort | null;
  readonly msi?: MsiPort | null;
}

/** A PCI function, as far as its messages go. @kernel pci_dev */
export class PciDevice implements MsiDevice {
  readonly fwnode: FwNode | null;
  readonly numaNode: number;
  readonly msi: DevMsiInfo;
  /** null without the capability. */
  readonly msixPort: MsixPort | null;
  readonly msiPort: MsiPort | null;
  msixEnabled = false;
  msiEnabled = false;

  /** @param name - `0000:00:01.0` */
  constructor(readonly name: string, init: PciDeviceInit = {}) {
    ({ fwnode: this.fwnode, numaNode: this.numaNode, msi: this.msi } = makeMsiDevice(name, init));
    this.msixPort = init.msix ?? null;
    this.msiPort = init.msi ?? null;
  }

  /** @kernel dev_is_pci */
  static of(dev: MsiDevice): PciDevice | null {
    return dev instanceof PciDevice ? dev : null;
  }
}

/** The function that a level of an interrupt in a PCI domain belongs to. */
export function pciDevOf(domain: IrqDomain): PciDevice {
  return msiGetDomainInfo(domain).dev as PciDevice;
}
