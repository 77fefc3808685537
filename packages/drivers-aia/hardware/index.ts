export { ImsicFile } from './imsic-file.ts';
export { ImsicHardware, imsicHardware, type ImsicModel, type ImsicOptions } from './imsic.ts';
