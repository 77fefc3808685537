export { exploreProgram, type Explored } from './explore.ts';
export { runLitmus, type LitmusResult } from './litmus/run.ts';
export type { Condition, Expression, LitmusTest, Op, Place, Verdict } from './litmus/test-file.ts';
export { LKMM } from './models/lkmm.ts';
export type { Model } from './models/model.ts';
export { RVWMO, rvwmoIo, type RiscvOptions } from './models/rvwmo.ts';
export { SC } from './models/sc.ts';
export { TSO } from './models/tso.ts';
export { Refused } from './program/recorder.ts';
