import type { FwNode, IrqDomain, ProbeContext } from '@irqchip/irqdomain';
import { CpuMask, IrqError, type MmioRegion } from '@irqchip/smp';
import { PLIC } from './registers.ts';

/** Ways in which some PLICs differ, by `compatible`. */
const EDGE: readonly string[] = ['andestech,nceplic100', 'thead,c900-plic'];
const CP100 = 'ultrarisc,cp100-plic';

/** One controller. @kernel plic_priv */
export class PlicPriv {
  readonly fwnode: FwNode;
  /** How the log calls it. */
  readonly name: string;
  readonly regs: MmioRegion;
  /** `riscv,ndev`: sources 1 … ndev exist. */
  readonly ndev: number;
  /** Words of a bitmap over sources 0 … ndev. */
  readonly groups: number;
  /** The CPUs with a context. */
  readonly lmask: CpuMask;
  /** Specifiers have a trigger type, and edges are acknowledged before they are handled. @kernel PLIC_QUIRK_EDGE_INTERRUPT */
  readonly edges: boolean;
  /** A claim must find one pending source only. @kernel PLIC_QUIRK_CP100_CLAIM_REGISTER_ERRATUM */
  readonly isolatedClaim: boolean;
  /** Which sources had a priority when the controller was suspended. */
  readonly prioSave: Uint8Array;
  /** null until the contexts are known. */
  domain: IrqDomain | null = null;

  /** @throws IrqError `ENOMEM` without a register region, `EINVAL` without `riscv,ndev` or contexts, or with more than a PLIC can have. */
  constructor(ctx: ProbeContext) {
    const { node, smp } = ctx;
    smp.faults.check('ioremap');
    const [regs] = ctx.regions;
    if (regs === undefined) throw new IrqError('ENOMEM', `${node.path} has no register region to map; give it a reg property.`);
    this.fwnode = ctx.fwnode;
    this.name = node.name;
    this.regs = regs;
    this.ndev = readNdev(ctx);
    checkContexts(ctx);
    smp.faults.check('plic_priv');
    this.groups = (this.ndev + 32) >>> 5;
    this.lmask = new CpuMask(smp.cpus.nrCpuIds);
    // The kernel's table is searched by the node's strings in order: the first known one decides.
    const kind = node.compatible.find((compatible) => PLIC_COMPATIBLE.includes(compatible));
    this.edges = kind !== undefined && EDGE.includes(kind);
    this.isolatedClaim = kind === CP100;
    this.prioSave = new Uint8Array(this.ndev + 1);
  }

  /** The text of a line in the log. */
  line(text: string): string { return `riscv-plic: ${this.name}: ${text}`; }

  setPriority(hwirq: number, priority: number): void { this.regs.writel(PLIC.PRIORITY + PLIC.PRIORITY_STRIDE * hwirq, priority); }

  priority(hwirq: number): number { return this.regs.readl(PLIC.PRIORITY + PLIC.PRIORITY_STRIDE * hwirq); }
}

/** @kernel plic_match */
export const PLIC_COMPATIBLE: readonly string[] = ['sifive,plic-1.0.0', 'riscv,plic0', ...EDGE, CP100];

function readNdev({ node, smp }: ProbeContext): number {
  const ndev = node.u32('riscv,ndev');
  if (ndev === undefined) {
    smp.log.err(`riscv-plic: ${node.name}: riscv,ndev property not available`);
    throw new IrqError('EINVAL', `${node.path} does not say how many sources it has; give it riscv,ndev.`);
  }
  // The kernel takes any number, and would write past the registers.
  if (ndev >>> 0 > PLIC.MAX_SOURCE) throw new IrqError('EINVAL', `${node.path}: riscv,ndev is ${ndev >>> 0}, a PLIC has at most ${PLIC.MAX_SOURCE} sources.`);
  return ndev;
}

function checkContexts({ node, parents, parentErrors, smp }: ProbeContext): void {
  const count = parents.length + parentErrors.length;
  if (count > PLIC.MAX_CONTEXTS) throw new IrqError('EINVAL', `${node.path}: interrupts-extended has ${count} entries, a PLIC has at most ${PLIC.MAX_CONTEXTS} contexts.`);
  if (!smp.diagnostics.warnOn(parents.length === 0, `${node.path}: no context; interrupts-extended names none that can be resolved.`)) return;
  smp.log.err(`riscv-plic: ${node.name}: no PLIC context available`);
  throw new IrqError('EINVAL', `${node.path} has no context: interrupts-extended must lead to the local controllers of harts.`, { cause: parentErrors[0] });
}
