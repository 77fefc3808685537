// For machine, which puts these together; free to change with any version.
export { cells, edited, editTree, extendedCells, extendedEntries, type NodeEdit } from './board/edit.ts';
export { Bus, type AccessMeter } from './bus/bus.ts';
export { leaveControllers } from './firmware/controllers.ts';
export { makeFirmware } from './firmware/firmware.ts';
export { firmwareNodes } from './firmware/fixups.ts';
export { scramble } from './firmware/scramble.ts';
export { MachineCsr } from './hart/csr.ts';
export { Hart } from './hart/hart.ts';
export { MachineLines } from './hart/lines.ts';
export { Stimecmp } from './hart/sstc.ts';
export { TimeCsr } from './hart/time.ts';
export { Output } from './wires/output.ts';
export { Pins } from './wires/pin.ts';
export { nodeAt, wiredTo, Wires } from './wires/wires.ts';
