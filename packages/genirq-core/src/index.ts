// Descriptors, chips, flows, replay, unhandled interrupts
export * from '@irqchip/irqdesc';

// Chips in a hierarchy
export * from './chip/parent.ts';

// Requests
export { IRQC, requestAnyContextIrq, requestIrq, requestThreadedIrq } from './manage/request.ts';
export { freeIrq } from './manage/free.ts';
export {
  disablePercpuIrq, enablePercpuIrq, freePercpuIrq, percpuIsEnabled, requestPercpuIrq, requestPercpuIrqAffinity,
} from './manage/percpu.ts';
export { setPercpuDevid } from './manage/percpu-devid.ts';
export { disableHardirq, disableIrq, disableIrqNosync, enableIrq } from './manage/enable.ts';
export { synchronizeHardirq, synchronizeIrq } from './manage/synchronize.ts';
export { getIrqchipState, setIrqchipState } from './manage/irqchip-state.ts';
export { injectInterrupt } from './manage/inject.ts';
export { setVcpuAffinity } from './manage/vcpu.ts';
export { disableIrqWake, enableIrqWake, setIrqWake } from './manage/wake.ts';

// Affinity
export { irqCalcAffinityVectors, irqCreateAffinityMasks, type IrqAffinity } from './affinity/create-masks.ts';
export { dataGetAffinityMask, dataGetEffectiveAffinityMask, dataUpdateEffectiveAffinity } from './affinity/effective.ts';
export { irqSetAffinityAndHint, irqUpdateAffinityHint } from './affinity/hint.ts';
export { migrateAllOffThisCpu } from './affinity/migrate.ts';
export { irqForceCompleteMove, irqMoveIrq, irqMoveMaskedIrq } from './affinity/move.ts';
export { affinityOnlineCpu } from './affinity/online.ts';
export { irqUpdateAffinityDesc } from './affinity/update-desc.ts';

// IPIs
export { INVALID_HWIRQ, ipiGetHwirq } from './ipi/hwirq.ts';
export { ipiSendMask, ipiSendSingle, rawIpiSendMask, rawIpiSendSingle } from './ipi/send.ts';

// What can be seen
export { irqDebugShow, irqDebugWrite, type DomainDebugShow } from './proc/debugfs.ts';
export { showInterrupts } from './proc/interrupts.ts';
export { procDefaultSmpAffinity, procIrqFiles, procIrqHandlers } from './proc/proc-irq.ts';
export { sysKernelIrqFiles } from './proc/sysfs.ts';
export { IrqWatch, watchIrqs, type IrqWatchEvents } from './proc/watch.ts';
export { writeDefaultSmpAffinity, writeSmpAffinity, writeSmpAffinityList } from './proc/write-affinity.ts';
