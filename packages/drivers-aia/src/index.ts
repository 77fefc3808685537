export type { ImsicGlobalConfig } from './imsic/config.ts';
export { imsicEarly } from './imsic/early.ts';
export { Imsic, IMSIC_OPTIONS, IMSIC_SERVICE, type ImsicDriverOptions } from './imsic/imsic.ts';
export type { ImsicPage } from './imsic/pages.ts';
export { imsicPlatform } from './imsic/platform.ts';
export type { ImsicState } from './imsic/state.ts';
export { IMSIC_IPI_ID, type ImsicVector } from './imsic/vector.ts';
export { LOCAL_TIMERS, LocalTimer, LocalTimers } from './local-timers.ts';
