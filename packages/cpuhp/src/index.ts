export { CpuHotplug, type CpuHotplugOptions } from './cpu-hotplug.ts';
export { CPUHP_INVALID, type CpuhpStateName, type LinuxVersion } from './states.ts';
export { CPUHP, CPUHP_OPTIONS } from './tokens.ts';
export { formatCpuhpEnter, formatCpuhpExit, formatCpuhpMultiEnter } from './trace.ts';
export type { CpuhpCallback, CpuhpMultiCallback, CpuhpStateEntry, CpuhpTrace, HotplugPort } from './types.ts';
