import type { CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, disablePercpuIrq, enablePercpuIrq, getTriggerType, irqToDesc, setChainedHandler,
  type Genirq, type IrqDesc,
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

  setChainedHandler(genirq, parentVirq, ipiMuxHandler);
  try {
    const state = cpuhp.setupState(
      contract.hotplugState ?? 'CPUHP_AP_ONLINE_DYN', 'irqchip/ipi-mux:starting',
      () => enablePercpuIrq(genirq, parentVirq, getTriggerType(genirq, parentVirq)), null,
    );
    return () => { cpuhp.removeState(state); releaseParent(genirq, parentVirq); };
  } catch (error) {
    releaseParent(genirq, parentVirq);
    throw error;
  }
}

function releaseParent(genirq: Genirq, parentVirq: number): void {
  disablePercpuIrq(genirq, parentVirq);
  setChainedHandler(genirq, parentVirq, null);
}
