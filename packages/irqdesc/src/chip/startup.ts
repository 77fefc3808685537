import { errnoOf } from '@irqchip/smp';
import { irqDoSetAffinity } from '../affinity/set-affinity.ts';
import { irqSetupAffinity } from '../affinity/setup.ts';
import { irqDomainActivateIrq, irqDomainDeactivateIrq } from '../desc/activate.ts';
import { IRQCHIP, IRQD } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import {
  irqdAffinityIsManaged, irqdClear, irqdClrManagedShutdown, irqdIsActivated, irqdIsStarted, irqdSet, irqdSetManagedShutdown,
} from '../desc/irqd.ts';
import { checkIrqResend, clearIrqResend } from '../resend/resend.ts';
import { irqDisableAndMask, irqEnable } from './mask.ts';

// All of these run with the descriptor's lock held and interrupts off.

/** The errno of `fn`, 0 when it went well; what is not an IrqError is thrown on. */
function attempt(fn: () => unknown): number {
  try {
    fn();
    return 0;
  } catch (error) {
    return errnoOf(error);
  }
}

function startChip(desc: IrqDesc): number {
  const data = desc.irqData;
  desc.genirq.smp.diagnostics.warnOnce(!irqdIsActivated(data), `irq ${desc.irq} is started before it was activated: the hierarchy has not programmed it.`);
  let err = 0;
  if (data.chip.irqStartup) {
    err = attempt(() => data.chip.irqStartup!(data));
    irqdClear(data, IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED);
  } else {
    irqEnable(desc);
  }
  irqdSet(data, IRQD.IRQ_STARTED);
  return err;
}

function canStartManaged(desc: IrqDesc, force: boolean): boolean {
  const { cpus, diagnostics } = desc.genirq.smp;
  irqdClrManagedShutdown(desc.irqData);
  if (!desc.common.affinity.intersects(cpus.online)) {
    diagnostics.warnOnce(force, `irq ${desc.irq} is managed and none of its CPUs (${desc.common.affinity.toList()}) is online: it cannot be started now.`);
    return false;
  }
  const err = attempt(() => irqDomainActivateIrq(desc.irqData, false));
  return !diagnostics.warnOn(err !== 0, `irq ${desc.irq} is managed and its activation failed (${err}).`);
}

function firstStart(desc: IrqDesc): number {
  const preStartup = ((desc.irqData.chip.flags ?? 0) & IRQCHIP.AFFINITY_PRE_STARTUP) !== 0;
  if (preStartup) irqSetupAffinity(desc);
  const err = startChip(desc);
  if (!preStartup) irqSetupAffinity(desc);
  return err;
}

/**
 * Starts the interrupt: first time with the chip's startup (or enable) and its affinity, later with enable. A managed
 * interrupt without an online CPU stays off, with depth 1, until one comes up.
 * @param resend - replay what came while it was off.
 * @param force - complain when a managed interrupt cannot start.
 * @returns 0, or the negative errno of the chip's startup; the interrupt counts as started all the same.
 * @kernel irq_startup
 */
export function irqStartup(desc: IrqDesc, resend: boolean, force: boolean): number {
  const data = desc.irqData;
  let err = 0;
  desc.depth = 0;
  if (irqdIsStarted(data)) {
    irqEnable(desc);
  } else if (!irqdAffinityIsManaged(data)) {
    err = firstStart(desc);
  } else if (canStartManaged(desc, force)) {
    irqDoSetAffinity(data, desc.common.affinity, false);
    err = startChip(desc);
  } else {
    desc.depth = 1;
    irqdSetManagedShutdown(data);
    return 0;
  }
  if (resend) checkIrqResend(desc, false);
  return err;
}

/** A CPU of a managed interrupt came up: undoes one disable, and starts when that was the last. @kernel irq_startup_managed */
export function irqStartupManaged(desc: IrqDesc): void {
  // Cleared first: a second CPU of the mask must not undo a disable that is not the shutdown's.
  irqdClrManagedShutdown(desc.irqData);
  if (--desc.depth === 0) irqStartup(desc, true, false);
}

/** Stops a started interrupt; counts as one more disable. @kernel irq_shutdown */
export function irqShutdown(desc: IrqDesc): void {
  const data = desc.irqData;
  if (!irqdIsStarted(data)) return;
  clearIrqResend(desc);
  desc.depth++;
  if (data.chip.irqShutdown) {
    data.chip.irqShutdown(data);
    irqdSet(data, IRQD.IRQ_DISABLED | IRQD.IRQ_MASKED);
  } else {
    irqDisableAndMask(desc, true);
  }
  irqdClear(data, IRQD.IRQ_STARTED);
}

/** @kernel irq_shutdown_and_deactivate */
export function irqShutdownAndDeactivate(desc: IrqDesc): void {
  irqShutdown(desc);
  irqDomainDeactivateIrq(desc.irqData);
}

/** Activates the hierarchy, except for a managed interrupt, whose start does it. Throws what a level threw. @kernel irq_activate */
export function irqActivate(desc: IrqDesc): void {
  if (!irqdAffinityIsManaged(desc.irqData)) irqDomainActivateIrq(desc.irqData, false);
}

/** Activates and starts whatever the settings say; for chained handlers. @kernel irq_activate_and_startup */
export function irqActivateAndStartup(desc: IrqDesc, resend: boolean): void {
  const err = attempt(() => irqActivate(desc));
  if (desc.genirq.smp.diagnostics.warnOn(err !== 0, `irq ${desc.irq} could not be activated (${err}) and stays off.`)) return;
  irqStartup(desc, resend, true);
}
