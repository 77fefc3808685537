import {
  getIrqData, irqDataToDesc, modifyStatus, noIrqChip, setChip, setChipAndHandler, setChipData, setHandler, type Genirq, type IrqData,
  type IrqFlowHandler,
} from '@irqchip/genirq-core';
import { irqFindMapping } from '@irqchip/irqdomain';
import { IrqError, type MmioRegion } from '@irqchip/smp';
import { IRQ_GC } from './flags.ts';
import { chipOf, IrqChipGeneric } from './generic-chip.ts';

/**
 * A chip with `numCt` types, for lines whose descriptors exist from `irqBase` on. Fill its types in, then
 * {@link irqSetupGenericChip}. Task context.
 * @throws IrqError `ENOMEM`.
 * @kernel irq_alloc_generic_chip
 */
export function irqAllocGenericChip(
  genirq: Genirq, name: string, numCt: number, irqBase: number, regs: MmioRegion, handler: IrqFlowHandler | null,
): IrqChipGeneric {
  genirq.smp.faults.check('irq_chip_generic');
  return new IrqChipGeneric(genirq.smp, { name, numCt, irqBase, regs, handler });
}

/** Decides where the mask is remembered, and learns it from the hardware when asked to. */
export function initMaskCache(gc: IrqChipGeneric, flags: number): void {
  for (const [index, type] of gc.chipTypes.entries()) {
    const own = (flags & IRQ_GC.MASK_CACHE_PER_TYPE) !== 0;
    type.maskCache = own ? { value: 0 } : gc.maskCache;
    const { mask } = own ? type.regs : gc.chipTypes[0]!.regs;
    if ((flags & IRQ_GC.INIT_MASK_CACHE) !== 0 && (own || index === 0)) type.maskCache.value = gc.readl(mask ?? 0);
  }
}

/** Calls `fn` with each set bit of `mask` and its place, lowest first. */
function eachLine(mask: number, fn: (place: number) => void): void {
  for (let place = 0; place < 32; place++) if ((mask >>> place) & 1) fn(place);
}

/**
 * Gives the lines of `mask` the first type's chip and flow, and changes their IRQ_* settings. Task context.
 * @param flags - IRQ_GC.*
 * @throws IrqError `EINVAL` for a line without a descriptor, or a chip that lacks what its flow calls.
 * @kernel irq_setup_generic_chip
 */
export function irqSetupGenericChip(genirq: Genirq, gc: IrqChipGeneric, mask: number, flags: number, clr: number, set: number): void {
  const [first] = gc.chipTypes;
  gc.bigEndian ||= (flags & IRQ_GC.BE_IO) !== 0;
  initMaskCache(gc, flags);
  eachLine(mask, (place) => {
    const irq = gc.irqBase + place;
    const data = getIrqData(genirq, irq);
    if (data && (flags & IRQ_GC.NO_MASK) === 0) setMask(data, first!.chip.irqCalcMask, place);
    setChipAndHandler(genirq, irq, first!.chip, first!.handler);
    setChipData(genirq, irq, gc);
    modifyStatus(genirq, irq, clr, set);
  });
  gc.irqCnt = 32 - Math.clz32(mask);
}

/** The bit that stands for a line in all registers. */
export function setMask(data: IrqData, calc: ((data: IrqData) => void) | undefined, place: number): void {
  if (calc) calc(data);
  else data.mask = 1 << place;
}

/**
 * Switches a line to the type of its chip that serves `type`; for use in `irqSetType`.
 * @throws IrqError `EINVAL` when none does.
 * @kernel irq_setup_alt_chip
 */
export function irqSetupAltChip(data: IrqData, type: number): void {
  const found = chipOf(data).chipTypes.find((candidate) => (candidate.type & type) !== 0);
  if (!found) throw new IrqError('EINVAL', `irq ${data.irq}: no type of ${data.chip.name} serves trigger ${type}; its types serve ${chipOf(data).chipTypes.map((each) => each.type).join(', ')}.`);
  data.chip = found.chip;
  irqDataToDesc(data).handleIrq = found.handler ?? irqDataToDesc(data).handleIrq;
}

/**
 * Takes chip and flow off the lines of `mask`. Lines of a domain that are not mapped are left out. Task context.
 * @kernel irq_remove_generic_chip
 */
export function irqRemoveGenericChip(genirq: Genirq, gc: IrqChipGeneric, mask: number, clr: number, set: number): void {
  eachLine(mask, (place) => {
    const irq = gc.domain ? irqFindMapping(gc.domain, gc.irqBase + place) : gc.irqBase + place;
    if (irq === 0 || !getIrqData(genirq, irq)) return;
    setHandler(genirq, irq, null);
    setChip(genirq, irq, noIrqChip);
    setChipData(genirq, irq, null);
    modifyStatus(genirq, irq, clr, set);
  });
}
