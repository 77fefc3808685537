import {
  dataUpdateEffectiveAffinity, handleFasteoiIrq, IRQ_SET_MASK, IRQCHIP, irqSetAffinity, type Genirq, type IrqChip, type IrqData,
} from '@irqchip/genirq-core';
import { irqDomainFreeIrqsTop, irqDomainSetInfo, type IrqDomainOps, type IrqFwspec } from '@irqchip/irqdomain';
import { CpuMask, IrqError } from '@irqchip/smp';
import type { AplicDirect } from './idc.ts';
import { aplicIrqdomainTranslate, aplicIrqMask, aplicIrqSetType, aplicIrqUnmask } from './priv.ts';

/** Chip and flow of one APLIC in direct mode. @kernel aplic_direct_irqdomain_ops */
export function aplicDirectDomainOps(genirq: Genirq, direct: AplicDirect): IrqDomainOps {
  const { priv } = direct;
  const chip = aplicDirectChip(genirq, direct);
  return {
    translate: (_domain, fwspec) => aplicIrqdomainTranslate(priv, fwspec),
    alloc(domain, virq, nr, arg) {
      const { hwirq } = aplicIrqdomainTranslate(priv, arg as IrqFwspec);
      for (let i = 0; i < nr; i++) {
        irqDomainSetInfo(domain, virq + i, hwirq + i, chip, priv, handleFasteoiIrq, null, null);
        setInitialAffinity(genirq, direct, virq + i);
      }
    },
    free: irqDomainFreeIrqsTop,
  };
}

/** Whether it worked does not matter: it is chosen again when the interrupt starts. */
function setInitialAffinity(genirq: Genirq, { lmask }: AplicDirect, virq: number): void {
  try {
    irqSetAffinity(genirq, virq, lmask);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
  }
}

function aplicDirectChip({ smp }: Genirq, direct: AplicDirect): IrqChip {
  const { priv, lmask, idcs } = direct;

  /** @throws IrqError `EINVAL` when the APLIC reaches no CPU of `dest`, or none that is online. @kernel aplic_direct_set_affinity */
  function aplicDirectSetAffinity(data: IrqData, dest: CpuMask, force: boolean): number {
    const reachable = lmask.and(dest);
    const cpu = (force ? reachable : reachable.and(smp.cpus.online)).first();
    const idc = idcs[cpu];
    if (!idc) {
      throw new IrqError('EINVAL', `irq ${data.irq} cannot move to CPUs ${dest.toList() || '(none)'}: ${priv.device.node.path} reaches CPUs ${lmask.toList()}, of which ${smp.cpus.online.toList()} are online.`);
    }
    priv.setTarget(data.hwirq, idc.target);
    dataUpdateEffectiveAffinity(data, CpuMask.of(dest.size, cpu));
    return IRQ_SET_MASK.OK_DONE;
  }

  return {
    name: 'APLIC-DIRECT',
    flags: IRQCHIP.SET_TYPE_MASKED | IRQCHIP.SKIP_SET_WAKE | IRQCHIP.MASK_ON_SUSPEND,
    irqMask: aplicIrqMask,
    irqUnmask: aplicIrqUnmask,
    irqSetType: aplicIrqSetType,
    // The claim was the end of it; the flow wants a callback nevertheless.
    irqEoi: () => undefined,
    irqSetAffinity: aplicDirectSetAffinity,
  };
}
