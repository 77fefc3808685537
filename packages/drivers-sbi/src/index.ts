export type { LegacySbi } from './registers.ts';
export { sbiIpi, sbiIpiInit } from './sbi-ipi.ts';
export { chooseSendIpi, sbiProbeExtension, type SbiSendIpi } from './send.ts';
