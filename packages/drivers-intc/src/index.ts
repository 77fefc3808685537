export { ANDES_SLI_CAUSE_BASE } from './chip.ts';
export { riscvIntc } from './intc.ts';
export { STORM_LIMIT } from './root-handler.ts';
