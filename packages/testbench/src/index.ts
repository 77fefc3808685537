export { bench, Bench } from './bench/bench.ts';
export type { BenchHardware, LineControls } from './bench/hw.ts';
export { BenchLine, Requested, type BenchHandler, type LineDrive } from './bench/line.ts';
export { MessageDevice } from './bench/msix.ts';
export type { BenchOptions, HardwareSource } from './bench/options.ts';
export type { RegisterAccess } from './bench/spy.ts';
export { matchers } from './matchers/matchers.ts';
export type { IrqMatchers } from './matchers/types.ts';
export { everyFailure, everyHotplugFailure, type AllocationSite, type EveryFailureOptions, type FailureRun, type HotplugFailure, type Scenario } from './failures/every-failure.ts';
