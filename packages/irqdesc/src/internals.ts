// What kernel/irq keeps to itself (internals.h): for genirq-core alone, and free to change with any version.
export { scheduleAffinityNotify } from './affinity/notify.ts';
export { canMovePcntxt, fixupMovePending } from './affinity/pending.ts';
export { busLocked, checkedDesc, locked, mightSleep, noSuchIrq, withDescBuslocked, withDescLocked } from './desc/lock.ts';
export { irqDefaultPrimaryHandler, irqForcedSecondaryHandler, makeNestedPrimaryHandler } from './manage/primary-handlers.ts';
export { irqWaitForPoll, misroutedIrq } from './spurious/poll.ts';
