import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import { defineIrqchip, type IrqchipDriver, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { HARTS, type Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { IMSIC_SERVICE, type Imsic } from '../imsic/imsic.ts';
import { APLIC_COMPATIBLE } from '../registers.ts';
import { AplicDevice } from './device.ts';
import { aplicDirectSetup } from './direct.ts';
import { APLIC_PARENT, type AplicParent } from './idc.ts';
import { aplicMsiSetup } from './msi.ts';

/** @throws IrqError `EINVAL` without registers and for a node that makes no sense, `ENODEV`, `ENOMEM`, `EPROBE_DEFER`. @kernel aplic_probe */
function probe(ctx: ProbeContext, harts: Harts, cpuhp: CpuHotplug, imsic: Imsic, parent: AplicParent): IrqDomain {
  const device = new AplicDevice(ctx.smp.log, ctx.node, ctx.regions);
  const regs = ctx.regions[0];
  if (!regs) throw device.refuse('EINVAL', 'failed map MMIO registers', 'Give it a reg property.');
  try {
    ctx.smp.faults.check('ioremap');
  } catch (cause) {
    throw device.refuse('ENOMEM', 'failed map MMIO registers', 'Failure injected.', cause);
  }
  const msiMode = ctx.node.has('msi-parent');
  try {
    if (msiMode) return aplicMsiSetup(ctx, device, regs, harts, imsic);
    return aplicDirectSetup(ctx, device, regs, harts, cpuhp, parent);
  } catch (error) {
    if (error instanceof IrqError) device.errProbe(error.code, `failed to setup APLIC in ${msiMode ? 'MSI' : 'direct'} mode`);
    throw error;
  }
}

/** `riscv,aplic`, one node of a domain; `msi-parent` selects MSI mode, whatever else the node says. @kernel aplic_driver */
export const aplic: IrqchipDriver = defineIrqchip(
  { name: 'riscv-aplic', compatible: APLIC_COMPATIBLE, stage: 'platform', services: [HARTS, CPUHP, IMSIC_SERVICE, APLIC_PARENT] as const },
  probe,
);
