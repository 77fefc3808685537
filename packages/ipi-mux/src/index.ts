export { IPI_MUX_NR_IRQS, type IpiMuxContract, type IpiMuxOps, type IpiMuxPatchContract, type IpiMuxTrace } from './contract.ts';
export type { IpiMux } from './mux.ts';
export { IPI_MUX, IpiMuxes, type IpiMuxesOptions } from './muxes.ts';
export { IpiMuxV5 } from './v5.ts';
