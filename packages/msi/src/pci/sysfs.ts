import type { MsiDesc } from '../device/desc.ts';
import type { MsiDevice } from '../device/device.ts';
import { PciDevice } from './device.ts';

/** One file of a device's `msi_irqs`. */
export interface MsiIrqFile {
  /** The Linux interrupt. */
  readonly name: string;
  readonly text: string;
}

/** The files of sysfs' `msi_irqs` of a device, in the order of their names. @kernel msi_mode_show */
export function msiIrqsFiles(dev: MsiDevice): MsiIrqFile[] {
  const text = PciDevice.of(dev)?.msixEnabled ? 'msix\n' : 'msi\n';
  const descs = (dev.msi.data?.domains ?? []).flatMap(({ store }) => store.filter((desc): desc is MsiDesc => desc?.sysfs === true));
  const names = descs.flatMap(({ irq, nvecUsed }) => Array.from({ length: nvecUsed }, (_, i) => String(irq + i)));
  return names.sort().map((name) => ({ name, text }));
}
