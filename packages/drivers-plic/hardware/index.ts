export type { PlicOptions, PlicQuirks, PlicQuirkSet } from './options.ts';
export { Plic, plicHardware } from './plic.ts';
