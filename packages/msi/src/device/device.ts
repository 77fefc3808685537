import { NUMA_NO_NODE, type FwNode, type IrqDomain } from '@irqchip/irqdomain';
import { IrqError, type Smp } from '@irqchip/smp';
import { MSI_MAX_DEVICE_IRQDOMAINS } from '../flags.ts';
import type { MsiDesc } from './desc.ts';

/** A device, as far as its messages go. @kernel device */
export interface MsiDevice {
  /** `0000:00:01.0`, or `d000000.interrupt-controller`. */
  readonly name: string;
  readonly fwnode: FwNode | null;
  /** NUMA node of its interrupts' descriptors; default none. */
  readonly numaNode: number;
  readonly msi: DevMsiInfo;
}

/** @kernel dev_msi_info */
export interface DevMsiInfo {
  /** The MSI parent domain that its domains are stacked on. */
  domain: IrqDomain | null;
  data: MsiDeviceData | null;
}

/** What a device is made of. */
export interface MsiDeviceInit {
  readonly fwnode?: FwNode | null;
  readonly numaNode?: number;
  /** The MSI parent: what `irqFindMatchingFwnode` finds under the `msi-parent` for PLATFORM_MSI or PCI_MSI. */
  readonly domain?: IrqDomain | null;
}

/** A device without messages yet. */
export function makeMsiDevice(name: string, { fwnode = null, numaNode = NUMA_NO_NODE, domain = null }: MsiDeviceInit = {}): MsiDevice {
  return { name, fwnode, numaNode, msi: { domain, data: null } };
}

/** One MSI domain of a device and its descriptors by index. @kernel msi_dev_domain */
export interface MsiDevDomain {
  domain: IrqDomain | null;
  readonly store: (MsiDesc | undefined)[];
}

/**
 * The MSI domains of one device. Its mutex, which {@link locked} takes, covers domains and descriptors.
 * @kernel msi_device_data
 */
export class MsiDeviceData {
  readonly domains: readonly MsiDevDomain[] = Array.from({ length: MSI_MAX_DEVICE_IRQDOMAINS }, () => ({ domain: null, store: [] }));
  private holder = '';

  constructor(readonly smp: Smp, private readonly name: string) {}

  /** Runs `fn` with the mutex held; a caller that holds it already, or runs in hard irq context, is reported. @kernel msi_lock_descs */
  locked<T>(where: string, fn: () => T): T {
    const { cpus, diagnostics } = this.smp;
    if (cpus.inHardirq()) diagnostics.report('context', `${where} of ${this.name} takes a mutex, and runs in hard irq context: call it when the device is set up.`);
    if (this.holder !== '') {
      diagnostics.report('lock-order', `${where} of ${this.name} waits for ever: ${this.holder} holds its MSI descriptors. Use the …Locked form there.`);
      return fn();
    }
    this.holder = where;
    try {
      return fn();
    } finally {
      this.holder = '';
    }
  }

  /** Reports a caller that does not hold the mutex. @kernel lockdep_assert_held (of the MSI descriptors) */
  assertHeld(where: string): void {
    if (this.holder === '') this.smp.diagnostics.report('lock', `${where} of ${this.name} needs its MSI descriptors locked: call it inside msiLockDescs().`);
  }
}

/** The device's MSI data. @throws IrqError `ENODEV` while it has none. */
export function msiDataOf(dev: MsiDevice): MsiDeviceData {
  if (dev.msi.data) return dev.msi.data;
  throw new IrqError('ENODEV', `${dev.name} has no MSI data; create its domain with msiCreateDeviceIrqDomain() first.`);
}

/** Runs `fn` with the device's descriptors locked. Task context. @throws IrqError `ENODEV` without MSI data. @kernel msi_lock_descs (as a scope) */
export function msiLockDescs<T>(dev: MsiDevice, fn: () => T): T {
  return msiDataOf(dev).locked('msi_lock_descs', fn);
}
