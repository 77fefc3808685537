import { IrqError } from '@irqchip/smp';
import type { IrqChip } from '../chip/irq-chip.ts';
import { maskAckIrq } from '../chip/mask.ts';
import { noIrqChip } from '../chip/no-irq-chip.ts';
import { irqActivateAndStartup } from '../chip/startup.ts';
import type { Genirq } from '../genirq.ts';
import { IRQ, IRQ_TYPE, IRQD } from '../desc/flags.ts';
import type { IrqData } from '../desc/irq-data.ts';
import type { IrqDesc, IrqFlowHandler } from '../desc/irq-desc.ts';
import { irqDataToDesc, irqdGetTriggerType, irqdSet } from '../desc/irqd.ts';
import { noSuchIrq, withDescBuslocked } from '../desc/lock.ts';
import { irqProcUpdateValid } from '../desc/settings.ts';
import { setChip } from '../desc/status.ts';
import { programTriggerType } from '../manage/trigger.ts';
import { handleBadIrq } from './bad.ts';
import { checkFlowNeeds } from './needs.ts';

/** A handler needs a real chip: a chained one at the outermost level, another one at any. */
function hasChipFor(desc: IrqDesc, isChained: boolean): boolean {
  const { diagnostics } = desc.genirq.smp;
  for (let data: IrqData | null = desc.irqData; data !== null; data = data.parentData) {
    if (data.chip !== noIrqChip) return true;
    if (isChained) break;
  }
  diagnostics.warnOn(true, `irq ${desc.irq} has no chip, its ${isChained ? 'chained ' : ''}handler was not set: set the chip first.`);
  return false;
}

function uninstall(desc: IrqDesc, isChained: boolean): void {
  if (desc.irqData.chip !== noIrqChip) maskAckIrq(desc);
  irqdSet(desc.irqData, IRQD.IRQ_DISABLED);
  if (isChained) desc.action = null;
  desc.depth = 1;
}

/** A chained interrupt belongs to its handler, and runs from now on whatever the settings say. */
function installChained(desc: IrqDesc, flow: IrqFlowHandler): void {
  const type = irqdGetTriggerType(desc.irqData);
  if (type !== IRQ_TYPE.NONE) {
    try {
      programTriggerType(desc, type);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
    }
    // The chip may have put in the flow of that type.
    desc.handleIrq = flow;
  }
  desc.settings |= IRQ.NOPROBE | IRQ.NOREQUEST | IRQ.NOTHREAD;
  desc.action = desc.genirq.chainedAction;
  irqActivateAndStartup(desc, true);
}

/** @kernel __irq_do_set_handler */
function doSetHandler(desc: IrqDesc, flow: IrqFlowHandler, isChained: boolean, name: string | null): void {
  if (flow !== handleBadIrq) {
    if (!hasChipFor(desc, isChained)) return;
    checkFlowNeeds(desc.irqData.chip, flow, desc.irqData.parentData);
  } else {
    uninstall(desc, isChained);
  }
  desc.handleIrq = flow;
  desc.name = name;
  if (flow !== handleBadIrq && isChained) installChained(desc, flow);
  irqProcUpdateValid(desc);
}

function must<T>(result: T | null, irq: number, what: string): void {
  if (result === null) throw noSuchIrq(irq, what);
}

/**
 * Sets the flow of an interrupt; null takes it off, masks and disables. An action stays. With no real chip at any level (for
 * a chained handler: at the outermost) it warns and changes nothing. Task context.
 * @param isChained - a demultiplexer: {@link setChainedHandler}.
 * @param name - what /proc/interrupts prints after the type.
 * @throws IrqError `EINVAL` without a descriptor, or for a chip that lacks what the flow calls.
 * @kernel __irq_set_handler, irq_set_handler
 */
export function setHandler(genirq: Genirq, irq: number, flow: IrqFlowHandler | null, isChained = false, name: string | null = null): void {
  must(withDescBuslocked(genirq, irq, 'any', (desc) => { doSetHandler(desc, flow ?? handleBadIrq, isChained, name); return true; }), irq, 'setHandler');
}

/**
 * Makes an interrupt the parent of others: its handler looks which of them came. It is started at once, NOAUTOEN or not, a per-CPU
 * one on the calling CPU only; nobody can request it any more. null takes the handler off. Task context.
 * @throws IrqError `EINVAL` without a descriptor.
 * @kernel irq_set_chained_handler
 */
export function setChainedHandler(genirq: Genirq, irq: number, flow: IrqFlowHandler | null): void {
  setHandler(genirq, irq, flow, true, null);
}

/** {@link setChainedHandler} with its data, set under the same lock. @kernel irq_set_chained_handler_and_data */
export function setChainedHandlerAndData(genirq: Genirq, irq: number, flow: IrqFlowHandler | null, data: unknown): void {
  must(withDescBuslocked(genirq, irq, 'any', (desc) => {
    desc.common.handlerData = data;
    doSetHandler(desc, flow ?? handleBadIrq, true, null);
    return true;
  }), irq, 'setChainedHandlerAndData');
}

/**
 * Sets chip and flow together. Task context.
 * @throws IrqError `EINVAL` without a descriptor, or for a chip that lacks what the flow calls; nothing is changed then.
 * @kernel irq_set_chip_and_handler_name
 */
export function setChipAndHandlerName(genirq: Genirq, irq: number, chip: IrqChip | null, flow: IrqFlowHandler | null, name: string | null): void {
  if (flow) checkFlowNeeds(chip, flow);
  setChip(genirq, irq, chip);
  setHandler(genirq, irq, flow, false, name);
}

/** {@link setChipAndHandlerName} without a name. @kernel irq_set_chip_and_handler */
export function setChipAndHandler(genirq: Genirq, irq: number, chip: IrqChip | null, flow: IrqFlowHandler | null): void {
  setChipAndHandlerName(genirq, irq, chip, flow, null);
}

/** Replaces the flow from inside `irqSetType`, lock held. Throws `EINVAL` for a chip that lacks what the flow calls. @kernel irq_set_handler_locked */
export function setHandlerLocked(data: IrqData, flow: IrqFlowHandler): void {
  const desc = irqDataToDesc(data);
  checkFlowNeeds(desc.irqData.chip, flow, desc.irqData.parentData);
  desc.handleIrq = flow;
}

/** Replaces chip, flow and name from inside `irqSetType`, lock held. Errors as {@link setHandlerLocked}. @kernel irq_set_chip_handler_name_locked */
export function setChipHandlerNameLocked(data: IrqData, chip: IrqChip, flow: IrqFlowHandler, name: string | null): void {
  checkFlowNeeds(chip, flow);
  const desc = irqDataToDesc(data);
  desc.handleIrq = flow;
  desc.name = name;
  data.chip = chip;
}
