export {
  irqGcAckClrBit, irqGcAckSetBit, irqGcEoi, irqGcMaskClrBit, irqGcMaskDisableAndAckSet, irqGcMaskDisableReg, irqGcMaskSetBit, irqGcNoop,
  irqGcSetWake, irqGcUnmaskEnableReg,
} from './callbacks.ts';
export {
  DomainChipGeneric, irqDomainAllocGenericChips, irqDomainInstantiateGeneric, irqDomainRemoveGenericChips, irqGenericChipOps,
  irqGetDomainGenericChip, irqMapGenericChip, irqUnmapGenericChip, type DomainChipGenericInfo,
} from './domain.ts';
export { IRQ_GC } from './flags.ts';
export {
  irqDataGetChipType, IrqChipGeneric, IrqChipType, type GenericIrqChip, type IrqChipRegs, type MaskCache,
} from './generic-chip.ts';
export { irqAllocGenericChip, irqRemoveGenericChip, irqSetupAltChip, irqSetupGenericChip } from './setup.ts';
