import { serviceToken, type ServiceToken } from '@irqchip/smp';
import type { CpuHotplug, CpuHotplugOptions } from './cpu-hotplug.ts';

/** The machine's {@link CpuHotplug} in the container. */
export const CPUHP: ServiceToken<CpuHotplug> = serviceToken<CpuHotplug>('cpuhp', 'CpuHotplug');

/** Optional: its {@link CpuHotplugOptions}. */
export const CPUHP_OPTIONS: ServiceToken<CpuHotplugOptions> = serviceToken<CpuHotplugOptions>('cpuhp', 'CpuHotplugOptions');
