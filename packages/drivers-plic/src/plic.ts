import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import { defineIrqchip, irqDomainCreateLinear, type IrqchipDriver, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { HARTS, type Harts } from '@irqchip/riscv';
import { releaseContexts, takeContexts } from './contexts.ts';
import { plicDomainOps } from './domain-ops.ts';
import { globalSetup } from './hotplug.ts';
import { PLICS, type Plics } from './plics.ts';
import { PLIC_COMPATIBLE, PlicPriv } from './priv.ts';

/**
 * Takes over a controller. On failure the CPUs' contexts are free again, with their enables cleared and priorities 1.
 * @throws IrqError `ENOMEM`; `EINVAL` for a node without `riscv,ndev` or contexts.
 * @kernel plic_probe
 */
function probe(ctx: ProbeContext, harts: Harts, cpuhp: CpuHotplug, plics: Plics): IrqDomain {
  const known = plics.all.find(({ fwnode }) => fwnode === ctx.fwnode);
  // The early driver has been here: the kernel makes no device of such a node.
  if (known !== undefined) return known.domain!;
  const plic = new PlicPriv(ctx);
  try {
    const handlers = takeContexts(ctx, plics, plic, harts);
    const domain = irqDomainCreateLinear(ctx.domains, ctx.fwnode, plic.ndev + 1, plicDomainOps(plics, plic), plic);
    plic.domain = domain;
    plics.all.push(plic);
    globalSetup(ctx, plics, plic, harts, cpuhp);
    // Linux 6.12 counts sources, later ones count source 0 too.
    const mapped = ctx.genirq.linux === '6.12' ? plic.ndev : plic.ndev + 1;
    ctx.smp.log.info(plic.line(`mapped ${mapped} interrupts with ${handlers} handlers for ${ctx.parents.length} contexts.`));
    return domain;
  } catch (error) {
    releaseContexts(plics, plic);
    throw error;
  }
}

const SERVICES = [HARTS, CPUHP, PLICS] as const;

/** The PLIC, probed as a platform device. @kernel plic_platform_probe */
export const plic: IrqchipDriver = defineIrqchip(
  { name: 'riscv-plic', compatible: PLIC_COMPATIBLE, stage: 'platform', services: SERVICES },
  probe,
);

/** The PLIC of the Allwinner D1, whose timer needs it before devices are probed. @kernel plic_early_probe */
export const plicEarly: IrqchipDriver = defineIrqchip(
  { name: 'riscv-plic-early', compatible: 'allwinner,sun20i-d1-plic', stage: 'irqchip', services: SERVICES },
  probe,
);
