export * from './fake-node.ts';
export * from './mini-machine.ts';
