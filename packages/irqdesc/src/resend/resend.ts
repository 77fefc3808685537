import { ERRNO } from '@irqchip/smp';
import type { Genirq } from '../genirq.ts';
import { IRQ, IRQS } from '../desc/flags.ts';
import type { IrqData } from '../desc/irq-data.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdIsHandleEnforceIrqctx } from '../desc/irqd.ts';
import { settingsHas, settingsIsNestedThread } from '../desc/settings.ts';

/** Raises the interrupt again by hardware: with its own chip, else with the nearest parent that can. @kernel try_retrigger */
function tryRetrigger(desc: IrqDesc): boolean {
  for (let data: IrqData | null = desc.irqData; data !== null; data = data.parentData) {
    if (data.chip?.irqRetrigger) return data.chip.irqRetrigger(data);
  }
  return false;
}

/** Queues the interrupt, or for a nested one its parent. @kernel irq_sw_resend */
function softwareResend(desc: IrqDesc): number {
  if (irqdIsHandleEnforceIrqctx(desc.irqData)) return -ERRNO.EINVAL;
  let target: IrqDesc | null = desc;
  if (settingsIsNestedThread(desc)) target = desc.parentIrq === 0 ? null : desc.genirq.irqToDesc(desc.parentIrq);
  if (target === null) return -ERRNO.EINVAL;
  desc.genirq.resends.add(target);
  return 0;
}

/**
 * Replays an interrupt that arrived while it could not be handled (PENDING), by hardware if the hierarchy can, else from the
 * resend tasklet. Lock held, interrupts off.
 * @param inject - replay whether or not it is PENDING.
 * @returns 0; -EINVAL for a level interrupt, whose hardware asserts it again by itself, or where no resend is possible; -EBUSY while a replay is
 * under way.
 * @kernel check_irq_resend
 */
export function checkIrqResend(desc: IrqDesc, inject: boolean): number {
  if (settingsHas(desc, IRQ.LEVEL)) {
    desc.istate &= ~IRQS.PENDING;
    return -ERRNO.EINVAL;
  }
  if (desc.istate & IRQS.REPLAY) return -ERRNO.EBUSY;
  if (!(desc.istate & IRQS.PENDING) && !inject) return 0;
  desc.istate &= ~IRQS.PENDING;
  const err = tryRetrigger(desc) ? 0 : softwareResend(desc);
  if (err === 0) desc.istate |= IRQS.REPLAY;
  return err;
}

/** Forgets a queued software resend. Lock held. @kernel clear_irq_resend */
export function clearIrqResend(desc: IrqDesc): void { desc.genirq.resends.remove(desc); }

/** Runs the resend tasklet: every queued interrupt, newest first, outside hard irq and with interrupts off. Returns how many. @kernel resend_irqs */
export function runPendingResend(genirq: Genirq): number { return genirq.resends.run(); }
