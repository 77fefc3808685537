import {
  type IrqAction, type IrqDesc, irqdGetTriggerType, irqdSetTriggerType, irqdTriggerTypeWasSet, IRQF, IRQS, settingsIsPercpuDevid,
} from '@irqchip/irqdesc';
import { IrqError } from '@irqchip/smp';

function hex(flags: number): string { return (flags >>> 0).toString(16).padStart(8, '0'); }

function mismatch(desc: IrqDesc, action: IrqAction, old: IrqAction, why: string): never {
  const text = `Flags mismatch irq ${desc.irq}. ${hex(action.flags)} (${action.name}) vs. ${hex(old.flags)} (${old.name})`;
  if (!(action.flags & IRQF.PROBE_SHARED)) desc.genirq.smp.log.err(`genirq: ${text}`);
  throw new IrqError('EBUSY', `${text}: ${why}.`);
}

/** The type that all actions must agree on; if none was ever set, the newcomer's. */
function agreedType(desc: IrqDesc, action: IrqAction): number {
  if (irqdTriggerTypeWasSet(desc.irqData)) return irqdGetTriggerType(desc.irqData);
  const type = action.flags & IRQF.TRIGGER_MASK;
  irqdSetTriggerType(desc.irqData, type);
  return type;
}

/** Per-CPU actions of one interrupt divide the CPUs among them. @kernel valid_percpu_irqaction */
function checkPercpu(desc: IrqDesc, action: IrqAction): void {
  for (let old = desc.action; old !== null; old = old.next) {
    if (!old.affinity!.intersects(action.affinity!) && old.percpuDevId !== action.percpuDevId) continue;
    const text = `Overlapping affinities for ${action.name} (irq ${desc.irq})`;
    desc.genirq.smp.log.err(`genirq: ${text}`);
    throw new IrqError('EINVAL', `${text}: ${old.name} serves CPUs ${old.affinity!.toList()} already, and each needs a device id of its own.`);
  }
}

function checkFlags(desc: IrqDesc, action: IrqAction, old: IrqAction): void {
  const type = agreedType(desc, action);
  if (!(old.flags & action.flags & IRQF.SHARED)) mismatch(desc, action, old, 'both must pass IRQF.SHARED');
  if (type !== (action.flags & IRQF.TRIGGER_MASK)) mismatch(desc, action, old, 'their trigger types differ');
  if (old.flags & IRQF.ONESHOT && action.flags & IRQF.COND_ONESHOT) action.flags |= IRQF.ONESHOT;
  else if ((old.flags ^ action.flags) & IRQF.ONESHOT) mismatch(desc, action, old, 'both or neither must pass IRQF.ONESHOT');
  if ((old.flags ^ action.flags) & IRQF.PERCPU) mismatch(desc, action, old, 'both or neither must pass IRQF.PERCPU');
}

/**
 * Checks an action against those that an interrupt has. Lock held.
 * @returns the oneshot bits that are taken.
 * @throws IrqError `EBUSY` when they cannot share; `EINVAL` on an NMI line, and for per-CPU actions whose CPUs or device ids overlap.
 */
export function joinActions(desc: IrqDesc, action: IrqAction): number {
  const old = desc.action!;
  if (desc.istate & IRQS.NMI) throw new IrqError('EINVAL', `irq ${desc.irq} is an NMI of ${old.name}, and NMIs are not shared.`);
  // Before per-CPU actions could divide the CPUs, a second one was an ordinary mismatch.
  if (settingsIsPercpuDevid(desc) && desc.genirq.linux !== '6.12') checkPercpu(desc, action);
  checkFlags(desc, action, old);
  let taken = 0;
  for (let each: IrqAction | null = old; each !== null; each = each.next) taken |= each.threadMask;
  return taken;
}
