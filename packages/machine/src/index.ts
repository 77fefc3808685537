// The board: harts, wires, clock, schedules
export * from '@irqchip/board';

// The kernel on it
export type { ProbeFailure } from './boot/probe.ts';
export { checkConsumers } from './consumers/check.ts';
export type { Consumer } from './consumers/consumer.ts';
export type { ConsumerSpec, MsixVectors, NodeConsumer, PciConsumer } from './consumers/spec.ts';
export { createMachine, Machine, type MachineOptions } from './machine.ts';
export { MsixTable } from './pci/msix-table.ts';
export { runRecordedScenario, runScenario, showState, type Scenario, type ScenarioStep } from './scenario/scenario.ts';
export { IpiLedger, type IpiTotals } from './traffic/ledger.ts';
export { runTraffic, type TrafficOptions, type TrafficResult } from './traffic/traffic.ts';
export { debugIrqFiles, type DebugIrqFiles } from './views/debugfs.ts';
export { procIrq, procIrqNumbers, sysKernelIrq } from './views/proc.ts';
