import {
  checkFlowNeeds, IRQ, type IrqAction, irqActivate, IRQCHIP, IRQD, irqdClear, type IrqDesc, irqdGetTriggerType, irqdSet, IRQF,
  irqProcUpdateValid, IRQS, irqStartup, noIrqChip, programTriggerType, settingsHas, settingsIsPercpuDevid,
} from '@irqchip/irqdesc';
import { busLocked, irqDefaultPrimaryHandler, locked } from '@irqchip/irqdesc/internals';
import { IrqError } from '@irqchip/smp';
import { enableDesc } from './enable.ts';
import { joinActions } from './share.ts';
import { setupThreads } from './thread-setup.ts';

function requestResources(desc: IrqDesc, action: IrqAction): void {
  const data = desc.irqData;
  try {
    data.chip.irqRequestResources?.(data);
  } catch (error) {
    desc.genirq.smp.log.err(`genirq: Failed to request resources for ${action.name} (irq ${desc.irq}) on irqchip ${data.chip.name}`);
    throw error;
  }
}

/** @kernel irq_release_resources */
export function releaseResources(desc: IrqDesc): void { desc.irqData.chip.irqReleaseResources?.(desc.irqData); }

/** Gives a oneshot action its bit; `taken` are those of the others. */
function assignThreadMask(desc: IrqDesc, action: IrqAction, taken: number): void {
  if (action.flags & IRQF.ONESHOT) {
    if (taken === -1) throw new IrqError('EBUSY', `irq ${desc.irq} is shared by 32 oneshot threads already; ${action.name} does not fit.`);
    action.threadMask = ~taken & (taken + 1);
  } else if (action.handler === irqDefaultPrimaryHandler && !((desc.irqData.chip.flags ?? 0) & IRQCHIP.ONESHOT_SAFE)) {
    const text = `Threaded irq requested with handler=NULL and !ONESHOT for ${action.name} (irq ${desc.irq})`;
    desc.genirq.smp.log.err(`genirq: ${text}`);
    throw new IrqError('EINVAL', `${text}: the line would interrupt again before its thread runs. Pass IRQF.ONESHOT, or a handler that quiets the device.`);
  }
}

function applyFlags(desc: IrqDesc, flags: number): void {
  desc.istate &= ~(IRQS.AUTODETECT | IRQS.SPURIOUS_DISABLED | IRQS.ONESHOT | IRQS.WAITING);
  irqdClear(desc.irqData, IRQD.IRQ_INPROGRESS);
  if (flags & IRQF.PERCPU) {
    irqdSet(desc.irqData, IRQD.PER_CPU);
    desc.settings |= IRQ.PER_CPU;
    if (flags & IRQF.NO_DEBUG) desc.settings |= IRQ.NO_DEBUG;
  }
  if (desc.genirq.noirqdebug) desc.settings |= IRQ.NO_DEBUG;
  if (flags & IRQF.ONESHOT) desc.istate |= IRQS.ONESHOT;
  if (flags & IRQF.NOBALANCING) {
    desc.settings |= IRQ.NO_BALANCING;
    irqdSet(desc.irqData, IRQD.NO_BALANCING);
  }
}

/** Programs, activates and, unless told otherwise, starts the interrupt for its first action. */
function setupFirst(desc: IrqDesc, { flags }: IrqAction): void {
  if (flags & IRQF.TRIGGER_MASK) programTriggerType(desc, flags & IRQF.TRIGGER_MASK);
  irqActivate(desc);
  applyFlags(desc, flags);
  if (!(flags & IRQF.NO_AUTOEN) && !settingsHas(desc, IRQ.NOAUTOEN)) {
    irqStartup(desc, true, false);
  } else if (!settingsIsPercpuDevid(desc)) {
    desc.genirq.smp.diagnostics.warnOnce((flags & IRQF.SHARED) !== 0, `irq ${desc.irq} is shared and not enabled automatically: the other handlers would wait for ever.`);
    desc.depth = 1;
  }
}

function warnOnOtherTrigger(desc: IrqDesc, { flags }: IrqAction): void {
  const wanted = flags & IRQF.TRIGGER_MASK;
  const actual = irqdGetTriggerType(desc.irqData);
  if (wanted !== 0 && wanted !== actual) desc.genirq.smp.log.warn(`genirq: irq ${desc.irq} uses trigger mode ${actual}; requested ${wanted}`);
}

function append(desc: IrqDesc, action: IrqAction): void {
  let last = desc.action;
  if (last === null) {
    desc.action = action;
    return;
  }
  while (last.next !== null) last = last.next;
  last.next = action;
}

function install(desc: IrqDesc, action: IrqAction): void {
  const shared = desc.action !== null;
  assignThreadMask(desc, action, shared ? joinActions(desc, action) : 0);
  if (shared) warnOnOtherTrigger(desc, action);
  else setupFirst(desc, action);
  append(desc, action);
  desc.irqCount = 0;
  desc.irqsUnhandled = 0;
  if (shared && desc.istate & IRQS.SPURIOUS_DISABLED) {
    desc.istate &= ~IRQS.SPURIOUS_DISABLED;
    enableDesc(desc);
  }
  irqProcUpdateValid(desc);
}

/**
 * Puts an action on an interrupt: checks it against the actions there, and starts the interrupt for the first. Task context.
 * Nothing is left behind on failure.
 * @throws IrqError `ENOSYS` without a chip; `EINVAL` for a chip that lacks what the flow calls, a nested interrupt without a thread
 * function, no handler without ONESHOT, or overlapping per-CPU actions; `EBUSY` for actions that cannot share; what the chip's resources,
 * type or activation threw.
 * @kernel __setup_irq
 */
export function setupIrq(desc: IrqDesc, action: IrqAction): void {
  const { chip } = desc.irqData;
  if (chip === noIrqChip) throw new IrqError('ENOSYS', `irq ${desc.irq} has no chip: set one (or map the interrupt) before ${action.name} requests it.`);
  checkFlowNeeds(chip, desc.handleIrq, desc.irqData.parentData);
  if (!(action.flags & IRQF.TRIGGER_MASK)) action.flags |= irqdGetTriggerType(desc.irqData);
  setupThreads(desc, action);
  if ((chip.flags ?? 0) & IRQCHIP.ONESHOT_SAFE) action.flags &= ~IRQF.ONESHOT;
  busLocked(desc, () => {
    if (desc.action === null) requestResources(desc, action);
    try {
      locked(desc, () => install(desc, action));
    } catch (error) {
      if (desc.action === null) releaseResources(desc);
      throw error;
    }
  });
}
