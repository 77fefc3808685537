export { Clint, clintModel } from './clint.ts';
export { Mswi, mswiModel } from './mswi.ts';
export { Mtimer, mtimerModel } from './mtimer.ts';
export type { ClintOptions } from './options.ts';
export { Sswi, sswiModel } from './sswi.ts';
