export { Genirq, GENIRQ, GENIRQ_OPTIONS, type GenirqOptions, type LinuxVersion } from './genirq.ts';

// Descriptors
export * from './irqdesc/flags.ts';
export type { IrqCommonData, IrqData, IrqDataDomain } from './irqdesc/irq-data.ts';
export { IrqDesc, makeIrqData, type IrqAction, type IrqFlowHandler, type IrqHandler } from './irqdesc/irq-desc.ts';
export { DescTable, MAX_SPARSE_IRQS } from './irqdesc/desc-table.ts';
export {
  allocDesc, allocDescAt, allocDescFrom, allocDescs, freeDesc, freeDescs, getNextIrq, irqToDesc, type IrqAffinityDesc,
} from './irqdesc/alloc.ts';
export * from './irqdesc/accessors.ts';
export { setPercpuDevid } from './irqdesc/percpu-devid.ts';
export { irqDomainActivateIrq, irqDomainDeactivateIrq } from './irqdesc/activate.ts';
export { kstatIncrIrqsThisCpu, kstatIrqs, kstatIrqsCpu } from './irqdesc/stats.ts';

// Chips
export type { IrqChip, IrqchipIrqState, MsiMsg } from './chip/irq-chip.ts';
export { dummyIrqChip, noIrqChip } from './chip/no-irq-chip.ts';
export {
  irqDisable, irqEnable, irqPercpuDisable, irqPercpuEnable, maskAckIrq, maskIrq, unmaskIrq,
} from './chip/mask.ts';
export {
  irqActivate, irqActivateAndStartup, irqShutdown, irqShutdownAndDeactivate, irqStartup, irqStartupManaged,
} from './chip/startup.ts';
export * from './chip/parent.ts';

// Flows
export { handleBadIrq } from './flow/bad.ts';
export { handleSimpleIrq, handleUntrackedIrq } from './flow/simple.ts';
export { handleLevelIrq } from './flow/level.ts';
export { handleEdgeIrq } from './flow/edge.ts';
export { handleFasteoiAckIrq, handleFasteoiIrq, handleFasteoiMaskIrq, handleFasteoiNmi } from './flow/fasteoi.ts';
export { handlePercpuDevidIrq, handlePercpuIrq } from './flow/percpu.ts';
export { handleNestedIrq } from './flow/nested.ts';
export { handleIrqEvent, handleIrqEventPercpu } from './flow/handle-event.ts';
export { chainedIrqEnter, chainedIrqExit } from './flow/chained.ts';
export { genericHandleIrq, genericHandleIrqDesc, genericHandleIrqDescSafe, genericHandleIrqSafe } from './flow/entry.ts';
export { checkFlowNeeds } from './flow/needs.ts';
export { flowSymbol } from './flow/symbol.ts';
export {
  setChainedHandler, setChainedHandlerAndData, setChipAndHandler, setChipAndHandlerName, setChipHandlerNameLocked, setHandler, setHandlerLocked,
} from './flow/set-handler.ts';

// Requests
export { IRQC, requestAnyContextIrq, requestIrq, requestThreadedIrq } from './manage/request.ts';
export { freeIrq } from './manage/free.ts';
export {
  disablePercpuIrq, enablePercpuIrq, freePercpuIrq, percpuIsEnabled, requestPercpuIrq, requestPercpuIrqAffinity,
} from './manage/percpu.ts';
export { disableHardirq, disableIrq, disableIrqNosync, enableIrq } from './manage/enable.ts';
export { synchronizeHardirq, synchronizeIrq } from './manage/synchronize.ts';
export { programTriggerType, setIrqType } from './manage/trigger.ts';
export { getIrqchipState, setIrqchipState } from './manage/irqchip-state.ts';
export { injectInterrupt } from './manage/inject.ts';
export { setVcpuAffinity } from './manage/vcpu.ts';
export { disableIrqWake, enableIrqWake, setIrqWake } from './manage/wake.ts';
export { IrqThreads, irqWakeThread, runIrqThreads } from './manage/irq-threads.ts';
export { checkIrqResend, clearIrqResend, runPendingResend } from './resend/resend.ts';
export { ResendQueue } from './resend/resend-queue.ts';

// Affinity
export { irqCalcAffinityVectors, irqCreateAffinityMasks, type IrqAffinity } from './affinity/create-masks.ts';
export { dataGetAffinityMask, dataGetEffectiveAffinityMask, dataUpdateEffectiveAffinity } from './affinity/effective.ts';
export { irqSetAffinityAndHint, irqUpdateAffinityHint } from './affinity/hint.ts';
export { migrateAllOffThisCpu } from './affinity/migrate.ts';
export { irqForceCompleteMove, irqMoveIrq, irqMoveMaskedIrq } from './affinity/move.ts';
export { irqSetAffinityNotifier, runAffinityNotify } from './affinity/notify.ts';
export { affinityOnlineCpu } from './affinity/online.ts';
export { isMovePending } from './affinity/pending.ts';
export {
  irqCanSetAffinity, irqCanSetAffinityUsr, irqDoSetAffinity, irqForceAffinity, irqSetAffinity, irqSetAffinityLocked,
} from './affinity/set-affinity.ts';
export { irqSetupAffinity } from './affinity/setup.ts';
export { irqUpdateAffinityDesc } from './affinity/update-desc.ts';

// Unhandled interrupts
export { noteInterrupt } from './spurious/note-interrupt.ts';
export { pollSpuriousIrqs } from './spurious/poll.ts';
export { POLL_INTERVAL_NS, SpuriousState } from './spurious/state.ts';

// IPIs
export { INVALID_HWIRQ, ipiGetHwirq } from './ipi/hwirq.ts';
export { ipiSendMask, ipiSendSingle, rawIpiSendMask, rawIpiSendSingle } from './ipi/send.ts';

// What can be seen
export { irqDebugShow, irqDebugWrite, type DomainDebugShow } from './proc/debugfs.ts';
export { showInterrupts } from './proc/interrupts.ts';
export { procDefaultSmpAffinity, procIrqFiles, procIrqHandlers } from './proc/proc-irq.ts';
export { sysKernelIrqFiles } from './proc/sysfs.ts';
export type { IrqTrace } from './proc/trace.ts';
export { IrqWatch, watchIrqs, type IrqWatchEvents } from './proc/watch.ts';
export { writeDefaultSmpAffinity, writeSmpAffinity, writeSmpAffinityList } from './proc/write-affinity.ts';
