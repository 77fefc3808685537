import { handleFasteoiIrq, irqSetAffinity, setNoprobe } from '@irqchip/genirq-core';
import {
  irqDomainFreeIrqsTop, irqDomainSetInfo, irqDomainTranslateOnecell, irqDomainTranslateTwocell,
  type IrqDomain, type IrqDomainOps, type IrqFwspec, type IrqTranslation,
} from '@irqchip/irqdomain';
import { IrqError } from '@irqchip/smp';
import type { Plics } from './plics.ts';
import type { PlicPriv } from './priv.ts';
import { PLIC } from './registers.ts';

/**
 * One source. Number 0, which no PLIC has, is not refused: as in the kernel it is never raised.
 * @throws IrqError `EINVAL` for a number that has no registers; the kernel would write elsewhere.
 * @kernel plic_irqdomain_map
 */
function map(plics: Plics, plic: PlicPriv, domain: IrqDomain, virq: number, hwirq: number): void {
  const { genirq } = plics;
  if (hwirq > PLIC.MAX_SOURCE) throw new IrqError('EINVAL', `${plic.name}: there is no source ${hwirq}; its last one is ${plic.ndev}.`);
  irqDomainSetInfo(domain, virq, hwirq, plics.levelChip, plic, handleFasteoiIrq, null, null);
  setNoprobe(genirq, virq);
  try {
    irqSetAffinity(genirq, virq, plic.lmask);
  } catch (error) {
    // As in the kernel: without an online CPU the interrupt exists, and goes nowhere until it is moved.
    if (!(error instanceof IrqError)) throw error;
  }
}

/** `<source>`, or `<source type>` where types are told apart. @throws IrqError `EINVAL` for fewer cells. @kernel plic_irq_domain_translate */
function translate(plic: PlicPriv, domain: IrqDomain, fwspec: IrqFwspec): IrqTranslation {
  return plic.edges ? irqDomainTranslateTwocell(domain, fwspec) : irqDomainTranslateOnecell(domain, fwspec);
}

/** Operations of the domain of `plic`. @kernel plic_irqdomain_ops */
export function plicDomainOps(plics: Plics, plic: PlicPriv): IrqDomainOps {
  return {
    translate: (domain, fwspec) => translate(plic, domain, fwspec),
    alloc(domain, virq, nr, arg) {
      const { hwirq } = translate(plic, domain, arg as IrqFwspec);
      for (let i = 0; i < nr; i++) map(plics, plic, domain, virq + i, hwirq + i);
    },
    free: irqDomainFreeIrqsTop,
  };
}
