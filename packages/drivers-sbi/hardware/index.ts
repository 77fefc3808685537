export { lineEffects, type HartEntry, type SbiEffects } from './effects.ts';
export { SbiFirmware, type SbiExtension, type SbiFirmwareOptions } from './firmware.ts';
export type { HartStates } from './hsm.ts';
export type { FirmwarePort } from './port.ts';
