import { Genirq, handleLevelIrq, IRQ_HANDLED, requestIrq } from '@irqchip/genirq-core';
import { IRQ_GC, irqDomainInstantiateGeneric, irqGcMaskClrBit, irqGcMaskSetBit } from '@irqchip/generic-chip';
import { genericHandleDomainIrq, irqCreateMapping, IrqDomains } from '@irqchip/irqdomain';
import { Smp, type MmioRegion } from '@irqchip/smp';

const smp = new Smp({ nrCpus: 1 });
const genirq = new Genirq(smp);
const domains = new IrqDomains(genirq);
export const writes: string[] = [];
const regs = { readl: () => -1, writel: (offset: number, value: number) => void writes.push(`[${offset}] = ${(value >>> 0).toString(16)}`) } as Partial<MmioRegion> as MmioRegion;

// Forty lines, in chips of 32: a 1 in the mask register at 0x8 + 4 * chip switches a line off.
const domain = irqDomainInstantiateGeneric(domains, { fwnode: domains.allocNamedFwnode('pic'), size: 40 }, {
  name: 'pic', handler: handleLevelIrq, irqsPerChip: 32, gcFlags: IRQ_GC.INIT_MASK_CACHE,
  init: (gc) => {
    const { chip, regs: offsets } = gc.chipTypes[0]!;
    gc.regs = regs;
    offsets.mask = 0x8 + 4 * (gc.irqBase / 32);
    chip.irqMask = irqGcMaskSetBit;
    chip.irqUnmask = irqGcMaskClrBit;
  },
});

const virq = irqCreateMapping(domain, 35);
requestIrq(genirq, virq, () => { writes.push('handler'); return IRQ_HANDLED; }, 0, 'device', 1);

// Line 35 is asserted: masked, handled, unmasked.
smp.cpus.localIrqDisable();
smp.cpus.irqEnter();
genericHandleDomainIrq(domain, 35);
smp.cpus.irqExit();
