export { Genirq, GENIRQ, GENIRQ_OPTIONS, type GenirqOptions, type LinuxVersion } from './genirq.ts';

// Descriptors
export * from './desc/flags.ts';
export type { IrqCommonData, IrqData, IrqDataDomain } from './desc/irq-data.ts';
export { IrqDesc, makeIrqData, type IrqAction, type IrqFlowHandler, type IrqHandler } from './desc/irq-desc.ts';
export { DescTable, MAX_SPARSE_IRQS } from './desc/desc-table.ts';
export {
  allocDesc, allocDescAt, allocDescFrom, allocDescs, freeDesc, freeDescs, getNextIrq, irqToDesc, type IrqAffinityDesc,
} from './desc/alloc.ts';
export * from './desc/accessors.ts';
export { irqDomainActivateIrq, irqDomainDeactivateIrq } from './desc/activate.ts';
export { kstatIncrIrqsThisCpu, kstatIrqs, kstatIrqsCpu } from './desc/stats.ts';

// Chips
export type { IrqChip, IrqchipIrqState, MsiMsg } from './chip/irq-chip.ts';
export { dummyIrqChip, noIrqChip } from './chip/no-irq-chip.ts';
export {
  irqDisable, irqEnable, irqPercpuDisable, irqPercpuEnable, maskAckIrq, maskIrq, unmaskIrq,
} from './chip/mask.ts';
export {
  irqActivate, irqActivateAndStartup, irqShutdown, irqShutdownAndDeactivate, irqStartup, irqStartupManaged,
} from './chip/startup.ts';

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
export { programTriggerType, setIrqType } from './manage/trigger.ts';

// Threads and replay
export { IrqThreads, irqWakeThread, runIrqThreads } from './manage/irq-threads.ts';
export { checkIrqResend, clearIrqResend, runPendingResend } from './resend/resend.ts';
export { ResendQueue } from './resend/resend-queue.ts';

// Affinity
export { irqSetAffinityNotifier, runAffinityNotify } from './affinity/notify.ts';
export { isMovePending } from './affinity/pending.ts';
export {
  irqCanSetAffinity, irqCanSetAffinityUsr, irqDoSetAffinity, irqForceAffinity, irqSetAffinity, irqSetAffinityLocked,
} from './affinity/set-affinity.ts';
export { irqSetupAffinity } from './affinity/setup.ts';

// Unhandled interrupts
export { noteInterrupt } from './spurious/note-interrupt.ts';
export { pollSpuriousIrqs } from './spurious/poll.ts';
export { POLL_INTERVAL_NS, SpuriousState } from './spurious/state.ts';

// For watchers
export type { IrqTrace } from './trace.ts';
