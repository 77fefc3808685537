export { AplicHardware, aplicHardware } from './aplic/aplic.ts';
export type { AplicOptions } from './aplic/options.ts';
export { ImsicFile, type ImsicFileOptions } from './imsic/file.ts';
export { ImsicHardware, imsicHardware, type ImsicLayout, type ImsicModel } from './imsic/imsic.ts';
export type { ImsicOptions } from './imsic/options.ts';
