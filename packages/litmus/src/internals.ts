// For race, which records the accesses of code; free to change with any version.
export { coherentExecutions, Combination } from './graph/execution.ts';
export { withControl, type WhatIf } from './program/control.ts';
export { Recorder, type AccessTags, type Domains } from './program/recorder.ts';
export type { Program } from './program/threads.ts';
export { fencesBetween, isIo, learns, reads, writes, type Access, type BitWrite, type FenceKind, type FenceMark, type Order, type Trace } from './program/trace.ts';
