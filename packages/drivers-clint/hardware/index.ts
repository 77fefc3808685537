export { Clint, clintModel, type ClintOptions } from './clint.ts';
