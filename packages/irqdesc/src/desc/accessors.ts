/** Reading and writing a descriptor's words and pointers: one door for the rest of the package. */
export * from './irqd.ts';
export * from './settings.ts';
export * from './status.ts';
