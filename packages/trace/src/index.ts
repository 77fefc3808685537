export * from './format.ts';
export { deviceModels } from './models.ts';
export type { Difference, Tally } from './play/comparison.ts';
export { QUIRKS, quirksOf, type Quirks } from './play/quirks.ts';
export { replay, type ReplayOptions, type ReplayResult, type Skip } from './play/replay.ts';
export { readRecording } from './read/recording.ts';
