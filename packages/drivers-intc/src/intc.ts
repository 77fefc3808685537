import type { IrqChip } from '@irqchip/genirq-core';
import { defineIrqchip, irqDomainCreateTree, irqDomainRemove, type IrqchipDriver, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { CSR, HARTS, isaHas, ofParentCpu, ofProcessorHartid, type Csr, type Harts } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { ANDES_SLI_CAUSE_BASE, makeAndesIntcChip, makeIntcChip } from './chip.ts';
import { makeIntcDomainOps, type IntcRange } from './domain-ops.ts';
import { makeIntcAiaHandler, makeIntcHandler, type RootHandler } from './root-handler.ts';

const ANDES = 'andestech,cpu-intc';
const NR_IRQS_AIA = 64;

/** Whether the CSRs of the Advanced Interrupt Architecture are there for the kernel's mode. */
function hasAia(ctx: ProbeContext, harts: Harts): boolean {
  const cpu = ofParentCpu(ctx.node);
  return harts.aia || (cpu !== null && isaHas(cpu, harts.mode === 'M' ? 'smaia' : 'ssaia'));
}

function createDomain(ctx: ProbeContext, range: IntcRange, chip: IrqChip): IrqDomain {
  try {
    return irqDomainCreateTree(ctx.domains, ctx.fwnode, makeIntcDomainOps(range), chip);
  } catch (cause) {
    ctx.smp.log.err('riscv-intc: unable to add IRQ domain');
    throw new IrqError('ENXIO', `riscv-intc: no domain for ${ctx.node.path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function setRootHandler(ctx: ProbeContext, domain: IrqDomain, handler: RootHandler): void {
  try {
    ctx.genirq.setHandleIrq(handler);
  } catch (error) {
    ctx.smp.log.err('riscv-intc: failed to set irq handler');
    irqDomainRemove(domain);
    throw error;
  }
}

/**
 * Creates the machine's one INTC domain and installs the root handler.
 * @throws IrqError `ENXIO` without a domain; `EBUSY` when there is a root handler already.
 * @kernel riscv_intc_init_common
 */
function initCommon(ctx: ProbeContext, harts: Harts, csr: Csr): IrqDomain {
  const { smp } = ctx;
  const andes = ctx.node.compatible.includes(ANDES);
  const aia = hasAia(ctx, harts);
  const range: IntcRange = {
    nrIrqs: aia ? NR_IRQS_AIA : harts.xlen,
    customBase: andes ? ANDES_SLI_CAUSE_BASE : harts.xlen,
    nrCustom: andes ? harts.xlen : 0,
  };
  const domain = createDomain(ctx, range, andes ? makeAndesIntcChip(csr, harts) : makeIntcChip(csr, harts));
  setRootHandler(ctx, domain, aia ? makeIntcAiaHandler(smp, domain, csr, harts) : makeIntcHandler(smp, domain));
  harts.intcFwnode = ctx.fwnode;
  smp.log.info(`riscv-intc: ${range.nrIrqs} local interrupts mapped${aia ? ' using AIA' : ''}`);
  if (range.nrCustom > 0) smp.log.info(`riscv-intc: ${range.nrCustom} custom local interrupts mapped`);
  return domain;
}

/** Whether `hartid` is the hart that runs now. */
function isRunningHart(ctx: ProbeContext, harts: Harts, hartid: number): boolean {
  return harts.hartids[ctx.smp.cpus.current] === hartid;
}

function probe(ctx: ProbeContext, harts: Harts, csr: Csr): IrqDomain | null {
  const cpu = ofParentCpu(ctx.node);
  const hartid = cpu === null ? null : ofProcessorHartid(cpu);
  if (hartid === null) {
    ctx.smp.log.warn(`riscv-intc: unable to find hart id for ${ctx.node.path}`);
    return null;
  }
  return isRunningHart(ctx, harts, hartid) ? initCommon(ctx, harts, csr) : null;
}

/**
 * The local interrupt controller of every hart. The node of the running hart makes the machine's one domain, which serves
 * all harts; the nodes of the others are accepted and do nothing.
 * @kernel riscv_intc_init
 */
export const riscvIntc: IrqchipDriver = defineIrqchip(
  { name: 'riscv-intc', compatible: ['riscv,cpu-intc', ANDES], services: [HARTS, CSR] as const },
  probe,
);
