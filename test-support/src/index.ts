export * from './fake-node.ts';
export * from './fault.ts';
export * from './mini-machine.ts';
