import './jest.ts';

// Benches, their matchers, failures on purpose
export * from '@irqchip/testbench';

// The contract of every irqchip
export { runConformance, planConformance, type CaseResult, type PlannedCase } from './conformance/run.ts';
export { irqchipConformance } from './conformance/conformance.ts';
export { ConformanceError } from './conformance/case.ts';
export type { ConformanceOptions, LineTrigger } from './conformance/options.ts';
