import { ERRNO } from '@irqchip/smp';
import type { Genirq } from '../genirq.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdIsHandleEnforceIrqctx } from '../desc/irqd.ts';
import { flowSymbol } from './symbol.ts';

/** The caller is not in a hard interrupt: refuses where the interrupt insists. */
function outsideHardirq(desc: IrqDesc, safe: boolean): number {
  const { diagnostics, cpus } = desc.genirq.smp;
  if (irqdIsHandleEnforceIrqctx(desc.irqData)) {
    diagnostics.warnOnce(true, `irq ${desc.irq} may only be handled in hard irq context`);
    return -ERRNO.EPERM;
  }
  if (!safe) {
    diagnostics.report('context', `irq ${desc.irq} is handled (genericHandleIrq) outside hard irq context on CPU${cpus.current}: enter it first (irqEnter), or use genericHandleIrqSafe.`);
  }
  return 0;
}

/** A wrong context is reported, and refused where the interrupt insists. */
function wrongContext(desc: IrqDesc): number {
  if (!desc.cpus.inHardirq()) return outsideHardirq(desc, false);
  desc.genirq.smp.diagnostics.report('context', `irq ${desc.irq} is handled (genericHandleIrq) with interrupts on, on CPU${desc.cpus.current}: the trap switches them off, leave them so.`);
  return 0;
}

/** Handlers are looked at one by one; what is left is the chip, or the handler of a flow that takes no lock. @kernel irqentry_exit */
function cameBackWithIrqsOn(desc: IrqDesc): void {
  const { chip } = desc.irqData;
  desc.genirq.smp.diagnostics.report('context', `irq ${desc.irq}: ${flowSymbol(desc.handleIrq)} came back with interrupts on; a callback of chip ${chip.name}, or a handler, switched them on.`);
  desc.cpus.localIrqDisable();
}

/**
 * Runs the flow of an interrupt. Hard irq context, interrupts off; elsewhere it is a 'context' finding.
 * @returns 0 when the flow ran, whatever came of it; -EINVAL without a descriptor; -EPERM, and a warning, outside hard irq if the interrupt
 * insists on that context.
 * @kernel handle_irq_desc
 */
export function genericHandleIrqDesc(desc: IrqDesc | null): number {
  if (desc === null) return -ERRNO.EINVAL;
  const { cpus } = desc;
  const off = cpus.irqsDisabled();
  if (!off || !cpus.inHardirq()) {
    const err = wrongContext(desc);
    if (err !== 0) return err;
  }
  desc.handleIrq(desc);
  if (off && !cpus.irqsDisabled()) cameBackWithIrqsOn(desc);
  return 0;
}

/** {@link genericHandleIrqDesc} by number. @kernel generic_handle_irq */
export function genericHandleIrq(genirq: Genirq, irq: number): number {
  return genericHandleIrqDesc(genirq.descs.get(irq));
}

/** {@link genericHandleIrqDesc} in any context: switches interrupts off itself. @kernel handle_irq_desc (any context) */
export function genericHandleIrqDescSafe(desc: IrqDesc | null): number {
  if (desc === null) return -ERRNO.EINVAL;
  const { cpus } = desc.genirq.smp;
  const flags = cpus.localIrqSave();
  try {
    const err = cpus.inHardirq() ? 0 : outsideHardirq(desc, true);
    if (err === 0) desc.handleIrq(desc);
    return err;
  } finally {
    cpus.localIrqRestore(flags);
  }
}

/** {@link genericHandleIrqDescSafe} by number. Returns as {@link genericHandleIrqDesc}. @kernel generic_handle_irq_safe */
export function genericHandleIrqSafe(genirq: Genirq, irq: number): number {
  return genericHandleIrqDescSafe(genirq.descs.get(irq));
}
