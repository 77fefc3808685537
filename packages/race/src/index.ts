// Models, litmus tests, executions
export * from '@irqchip/litmus';

export { barrierReport, printBarriers, type BarrierReport, type BarrierVerdict } from './barriers/report.ts';
export { missingOrders, type MissingOrder } from './explain/missing-order.ts';
export { replayExecution, replayString } from './explain/replay.ts';
export { executionSvg } from './explain/svg.ts';
export { rowsOf, type Row } from './explain/rows.ts';
export { explainFailure } from './explain/table.ts';
export type { Site } from './program/sites.ts';
export {
  exploreScene, shortestFailure, type Failure, type Final, type Scene, type SceneOptions, type SceneResult,
} from './scene/explore-scene.ts';
export type { Registry } from './scene/registry.ts';
export type { InterruptBounds } from './scene/tracer.ts';
export type { IoBits, IoRegister, World } from './scene/world.ts';
export { muxScene, type MuxSceneOptions, type TargetStep } from './scenes/mux.ts';
export { PROVIDERS, type CodeUnderCheck, type ProviderName, type ProviderOptions } from './scenes/providers.ts';
