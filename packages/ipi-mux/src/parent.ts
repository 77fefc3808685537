import type { CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, clearStatusFlags, disablePercpuIrq, enablePercpuIrq, getTriggerType, IRQ, irqToDesc,
  setChainedHandler, type Genirq, type IrqDesc,
} from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import type { IpiMuxPatchContract } from './contract.ts';
import type { IpiMux } from './mux.ts';

/** @throws IrqError `EINVAL` when `virq` is no per-CPU interrupt, `EBUSY` when somebody handles it already. */
export function checkParent(genirq: Genirq, virq: number): void {
  const desc = irqToDesc(genirq, virq);
  if (!desc) throw new IrqError('EINVAL', `There is no irq ${virq} to multiplex IPIs over; map the parent interrupt first.`);
  if (!desc.percpuEnabled) throw new IrqError('EINVAL', `irq ${virq} is not per-CPU; IPIs need a parent that every CPU has for itself.`);
  if (desc.action) throw new IrqError('EBUSY', `irq ${virq} is handled by ${desc.action.name} already; a mux needs its parent for itself.`);
}

/**
 * Installs the chained handler on the parent and enables it on every CPU that comes up. The parent stays enabled on a CPU
 * that goes down: its vIPIs are masked there by then, and a CPU on its way down still has to answer. Returns how to undo it.
 */
export function adoptParent(genirq: Genirq, cpuhp: CpuHotplug, mux: IpiMux, contract: IpiMuxPatchContract): () => void {
  const { parentVirq } = contract;

  function ipiMuxHandler(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    chainedIrqEnter(chip, desc);
    mux.process();
    chainedIrqExit(chip, desc);
  }

  const hotplugState = contract.hotplugState ?? 'CPUHP_AP_ONLINE_DYN';
  const { settings } = irqToDesc(genirq, parentVirq)!;
  // Each CPU disables its own parent, but only when creation is undone.
  let undoing = true;
  const release = (): void => {
    disablePercpuIrq(genirq, parentVirq);
    setChainedHandler(genirq, parentVirq, null);
    if ((settings & IRQ.NOREQUEST) === 0) clearStatusFlags(genirq, parentVirq, IRQ.NOREQUEST);
  };

  try {
    setChainedHandler(genirq, parentVirq, ipiMuxHandler);
    const slot = cpuhp.setupState(
      hotplugState, 'irqchip/ipi-mux:starting',
      () => enablePercpuIrq(genirq, parentVirq, getTriggerType(genirq, parentVirq)),
      () => { if (undoing) disablePercpuIrq(genirq, parentVirq); },
    );
    undoing = false;
    // Only a dynamic state has a number of its own.
    return () => { undoing = true; cpuhp.removeState(slot || hotplugState); release(); };
  } catch (error) {
    release();
    throw error;
  }
}
