export { readBoard, type Board, type BoardHart, type BoardOptions } from './board/board.ts';
export { resizeBoard } from './board/resize.ts';
export type { ProbeFailure } from './boot/probe.ts';
export { MachineClock } from './clock/clock.ts';
export { fixUpForSupervisor } from './firmware/fixups.ts';
export { createMachine, Machine, type MachineOptions } from './machine.ts';
export { AscendingSchedule, Random, SeededSchedule, type Schedule } from './schedule/schedule.ts';
export { IpiLedger, type IpiTotals } from './traffic/ledger.ts';
export { runTraffic, type TrafficOptions, type TrafficResult } from './traffic/traffic.ts';
