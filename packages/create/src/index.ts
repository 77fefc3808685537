export { parseAnswers, USAGE, type PartialAnswers } from './args.ts';
export { driverSpec, MAX_LINES, type Answers, type DriverKind, type DriverSpec, type LineTrigger } from './options.ts';
export { run, type Terminal } from './run.ts';
export { scaffold } from './scaffold.ts';
