export { readBoard, type Board, type BoardHart, type BoardOptions } from './board/board.ts';
export { resizeBoard } from './board/resize.ts';
export { MachineClock } from './clock/clock.ts';
export { fixUpForSupervisor } from './firmware/fixups.ts';
export { AscendingSchedule, Random, SeededSchedule, type Schedule } from './schedule/schedule.ts';
export type { Wire } from './wires/wire.ts';
