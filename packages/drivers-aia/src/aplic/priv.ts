import { IRQ_SET_MASK, IRQ_TYPE, type IrqData } from '@irqchip/genirq-core';
import type { IrqFwspec, IrqTranslation, ParentInterrupt, ProbeContext } from '@irqchip/irqdomain';
import { IrqError, type Diagnostics, type MmioRegion } from '@irqchip/smp';
import { APLIC } from '../registers.ts';
import type { AplicDevice } from './device.ts';

/** One domain of an APLIC: what direct and MSI mode have in common. @kernel aplic_priv */
export class AplicPriv {
  constructor(
    readonly device: AplicDevice,
    readonly regs: MmioRegion,
    readonly diagnostics: Diagnostics,
    /** Sources are numbered from 1 to this. */
    readonly nrIrqs: number,
    /** In direct mode, one per hart that the node names; by logical index. */
    readonly idcs: readonly ParentInterrupt[],
  ) {}

  setSourcecfg(source: number, value: number): void {
    this.regs.writel(APLIC.SOURCECFG_BASE + 4 * (source - 1), value);
  }

  setTarget(source: number, value: number): void {
    this.regs.writel(APLIC.TARGET_BASE + 4 * (source - 1), value);
  }
}

/** @kernel aplic_irq_unmask */
export function aplicIrqUnmask(data: IrqData): void {
  (data.chipData as AplicPriv).regs.writel(APLIC.SETIENUM, data.hwirq);
}

/** @kernel aplic_irq_mask */
export function aplicIrqMask(data: IrqData): void {
  (data.chipData as AplicPriv).regs.writel(APLIC.CLRIENUM, data.hwirq);
}

/** @throws IrqError `EINVAL` for both edges at once, and for mixtures. @kernel aplic_irq_set_type */
export function aplicIrqSetType(data: IrqData, type: number): number {
  (data.chipData as AplicPriv).setSourcecfg(data.hwirq, sourceMode(data, type));
  return IRQ_SET_MASK.OK;
}

function sourceMode({ irq, hwirq }: IrqData, type: number): number {
  switch (type) {
    case IRQ_TYPE.NONE: return APLIC.SOURCECFG_SM_INACTIVE;
    case IRQ_TYPE.LEVEL_LOW: return APLIC.SOURCECFG_SM_LEVEL_LOW;
    case IRQ_TYPE.LEVEL_HIGH: return APLIC.SOURCECFG_SM_LEVEL_HIGH;
    case IRQ_TYPE.EDGE_FALLING: return APLIC.SOURCECFG_SM_EDGE_FALL;
    case IRQ_TYPE.EDGE_RISING: return APLIC.SOURCECFG_SM_EDGE_RISE;
    default: throw new IrqError('EINVAL', `irq ${irq}: APLIC source ${hwirq} cannot trigger on type 0x${type.toString(16)}; use one edge or one level.`);
  }
}

/**
 * `<source type>`. Unlike the kernel, which would write beyond its registers, this refuses a source that the APLIC lacks.
 * @throws IrqError `EINVAL` for fewer than two cells, source 0, or one above `riscv,num-sources`.
 * @kernel aplic_irqdomain_translate
 */
export function aplicIrqdomainTranslate(priv: AplicPriv, { param }: IrqFwspec): IrqTranslation {
  const { device, diagnostics, nrIrqs } = priv;
  const path = device.node.path;
  const [source, cell] = param;
  if (source === undefined || cell === undefined) throw warned(diagnostics, `${path}: an interrupt needs 2 cells, <source type>, this one has ${param.length}.`);
  if (source === 0) throw warned(diagnostics, `${path}: source 0 does not exist; sources are 1 to ${nrIrqs}.`);
  if (source > nrIrqs) throw warned(diagnostics, `${path}: source ${source} does not exist; riscv,num-sources is ${nrIrqs}.`);
  const type = cell & IRQ_TYPE.SENSE_MASK;
  diagnostics.warnOn(type === IRQ_TYPE.NONE, `${path}: source ${source} has no trigger type and stays inactive until somebody sets one`);
  return { hwirq: source, type };
}

function warned(diagnostics: Diagnostics, message: string): IrqError {
  diagnostics.report('warn', message);
  return new IrqError('EINVAL', message);
}

/** Lets the domain deliver, in the mode that `more` selects. @kernel aplic_init_hw_global */
export function aplicInitHwGlobal({ device, regs }: AplicPriv, more: number): void {
  const value = regs.readl(APLIC.DOMAINCFG) | APLIC.DOMAINCFG_IE | more;
  regs.writel(APLIC.DOMAINCFG, value);
  if ((regs.readl(APLIC.DOMAINCFG) | 0) !== value) device.warn(`unable to write 0x${(value >>> 0).toString(16)} in domaincfg`);
}

/** Everything off, whatever firmware left. @kernel aplic_init_hw_irqs */
function aplicInitHwIrqs(priv: AplicPriv): void {
  const { nrIrqs, regs } = priv;
  for (let source = 0; source <= nrIrqs; source += 32) regs.writel(APLIC.CLRIE_BASE + source / 8, -1);
  for (let source = 1; source <= nrIrqs; source++) {
    priv.setSourcecfg(source, APLIC.SOURCECFG_SM_INACTIVE);
    // A device may well ignore this while the source is inactive: what counts is written when the interrupt gets its affinity.
    priv.setTarget(source, APLIC.DEFAULT_PRIORITY);
  }
  regs.writel(APLIC.DOMAINCFG, 0);
}

/**
 * Reads the node and resets the hardware.
 * @throws IrqError `EINVAL` without `riscv,num-sources`, or when it is more than an APLIC can have (where the kernel would write
 * beyond the registers).
 * @kernel aplic_setup_priv
 */
export function aplicSetupPriv(ctx: ProbeContext, device: AplicDevice, regs: MmioRegion): AplicPriv {
  try {
    const nrIrqs = ctx.node.u32('riscv,num-sources');
    if (nrIrqs === undefined) throw device.refuse('EINVAL', 'failed to get number of interrupt sources', 'Give it riscv,num-sources.');
    if (nrIrqs > APLIC.MAX_SOURCES) throw new IrqError('EINVAL', `${ctx.node.path}: riscv,num-sources is ${nrIrqs}; an APLIC has at most ${APLIC.MAX_SOURCES}.`);
    const priv = new AplicPriv(device, regs, ctx.smp.diagnostics, nrIrqs, ctx.node.has('msi-parent') ? [] : leadingParents(ctx));
    aplicInitHwIrqs(priv);
    return priv;
  } catch (error) {
    device.err('failed to create APLIC context');
    throw error;
  }
}

/** The entries of `interrupts-extended` before the first that does not resolve; `parents` leaves that one out. */
function leadingParents({ node, parents, parentErrors }: ProbeContext): readonly ParentInterrupt[] {
  const cells = parentErrors.length === 0 ? undefined : node.u32s('interrupts-extended');
  if (cells === undefined) return parents;
  let at = 0;
  const broken = parents.findIndex(({ node: intc, args }) => {
    const here = cells[at] === intc.u32('phandle');
    at += 1 + args.length;
    return !here;
  });
  return broken < 0 ? parents : parents.slice(0, broken);
}
