export { clint } from './clint.ts';
export { ClintTimer } from './timer.ts';
