import type { Smp } from '@irqchip/smp';
import { MsiDeviceData, type MsiDevice } from './device.ts';

/**
 * Gives a device its MSI data, unless it has them; they stay until `msiDeviceDataRelease`. Task context.
 * @throws IrqError `ENOMEM`
 * @kernel msi_setup_device_data
 */
export function msiSetupDeviceData(dev: MsiDevice, smp: Smp): MsiDeviceData {
  if (dev.msi.data) return dev.msi.data;
  smp.faults.check('msi_device_data');
  return dev.msi.data = new MsiDeviceData(smp, dev.name);
}
