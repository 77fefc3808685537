import {
  type Genirq, IRQ, type IrqAction, type IrqDesc, irqDescIsChained, irqDomainDeactivateIrq, irqProcUpdateValid, irqShutdown,
  settingsIsPercpuDevid,
} from '@irqchip/irqdesc';
import { busLocked, locked, mightSleep } from '@irqchip/irqdesc/internals';
import { releaseResources } from './setup.ts';
import { synchronizeDesc } from './synchronize.ts';

/** Takes an action off the list. */
export function unlinkAction(desc: IrqDesc, action: IrqAction): void {
  if (desc.action === action) {
    desc.action = action.next;
    return;
  }
  for (let each = desc.action; each !== null; each = each.next) if (each.next === action) each.next = action.next;
}

function find(desc: IrqDesc, devId: unknown): IrqAction | null {
  if (irqDescIsChained(desc)) return null;
  let action = desc.action;
  while (action !== null && action.devId !== devId) action = action.next;
  return action;
}

/** Unlinks the action, and shuts the interrupt down after the last. Lock held. */
function remove(desc: IrqDesc, devId: unknown): IrqAction | null {
  const { diagnostics } = desc.genirq.smp;
  const action = find(desc, devId);
  if (diagnostics.warnOn(action === null, `Trying to free already-free IRQ ${desc.irq}`)) return null;
  unlinkAction(desc, action!);
  if (desc.action === null) {
    desc.settings &= ~IRQ.DISABLE_UNLAZY;
    irqShutdown(desc);
  }
  irqProcUpdateValid(desc);
  if (diagnostics.warnOnce(desc.affinityHint !== null, `irq ${desc.irq} is freed and still has an affinity hint`)) desc.affinityHint = null;
  return action;
}

/**
 * Takes a handler off an interrupt and waits until it has run for the last time; the last one shuts the interrupt down. A disabled
 * interrupt may be freed. May sleep: task context.
 * @param devId - as in the request.
 * @returns the name given to the request, or null after a warning when there is no such handler.
 * @kernel free_irq
 */
export function freeIrq(genirq: Genirq, irq: number, devId: unknown = null): string | null {
  const { diagnostics, cpus } = genirq.smp;
  const desc = genirq.irqToDesc(irq);
  if (desc === null) return null;
  if (diagnostics.warnOn(settingsIsPercpuDevid(desc), `irq ${irq} is a per-CPU interrupt: free it with freePercpuIrq`)) return null;
  if (diagnostics.warnOn(desc.affinityNotify !== null, `irq ${irq} is freed and still has an affinity notifier`)) desc.affinityNotify = null;
  if (!diagnostics.warnOn(cpus.inHardirq(), `Trying to free IRQ ${irq} from IRQ context!`)) mightSleep(genirq, `freeIrq(${irq})`);
  const action = busLocked(desc, () => locked(desc, () => remove(desc, devId)));
  if (action === null) return null;
  synchronizeDesc(desc);
  if (desc.action === null) {
    busLocked(desc, () => {
      locked(desc, () => irqDomainDeactivateIrq(desc.irqData));
      releaseResources(desc);
    });
  }
  return action.name;
}
