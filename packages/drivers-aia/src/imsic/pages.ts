import type { IrqchipNode, ProbeContext } from '@irqchip/irqdomain';
import { ofParentHartid, type Harts } from '@irqchip/riscv';
import { IrqError, type MmioRegion } from '@irqchip/smp';
import { IMSIC } from '../registers.ts';
import type { ImsicGlobalConfig } from './config.ts';

/** The page that a CPU takes its messages at. @kernel imsic_local_config */
export class ImsicPage {
  /** Address that devices write to. */
  readonly pa: number;

  constructor(private readonly region: MmioRegion, private readonly offset: number) {
    this.pa = region.base + offset;
  }

  /** Makes `id` pending, after everything that the caller stored before. Any context. */
  send(id: number): void {
    this.region.writel(this.offset + IMSIC.SETEIPNUM_LE, id);
  }

  /** The same, ordered against nothing but other accesses to this page. */
  sendRelaxed(id: number): void {
    this.region.writelRelaxed(this.offset + IMSIC.SETEIPNUM_LE, id);
  }
}

/** Hartids of the leading entries of `interrupts-extended` that are this mode's external interrupt of some hart. */
export function parentHartids(ctx: ProbeContext, harts: Harts): number[] {
  const { node, parents, parentErrors } = ctx;
  const cells = parentErrors.length === 0 ? undefined : node.u32s('interrupts-extended');
  const hartids: number[] = [];
  for (const [i, { node: intc, args }] of parents.entries()) {
    // Entries that do not resolve are left out of `parents`: what follows the first of them is not looked at.
    if (cells !== undefined && cells[2 * i] !== intc.u32('phandle')) break;
    const hartid = args[0] === harts.irq.ext ? ofParentHartid(intc) : null;
    if (hartid === null) break;
    hartids.push(hartid);
  }
  return hartids;
}

/**
 * The pages of all CPUs that the node serves; null for the others.
 * @throws IrqError `ENODEV` when it serves none.
 */
export function findPages(ctx: ProbeContext, harts: Harts, config: ImsicGlobalConfig, hartids: readonly number[]): (ImsicPage | null)[] {
  const { node, smp, regions } = ctx;
  const pages = new Array<ImsicPage | null>(smp.cpus.nrCpuIds).fill(null);
  hartids.forEach((hartid, i) => {
    const cpu = harts.hartids.indexOf(hartid);
    const page = cpu < 0 ? null : pageAt(regions, i, config.guestIndexBits);
    if (page !== null) pages[cpu] = page;
    else smp.log.warn(`riscv-imsic: ${node.name}: ${cpu < 0 ? 'invalid cpuid' : 'MMIO not found'} for parent irq${i}`);
  });
  if (pages.every((page) => page === null)) throw noHandlers(ctx, node);
  return pages;
}

function noHandlers({ smp }: ProbeContext, node: IrqchipNode): IrqError {
  smp.log.err(`riscv-imsic: ${node.name}: No CPU handlers found`);
  return new IrqError('ENODEV', `${node.path} serves no CPU of this machine: its interrupts-extended leads to other harts, or its reg is too small.`);
}

/** Page number `index` of the harts, region after region. */
function pageAt(regions: readonly MmioRegion[], index: number, guestIndexBits: number): ImsicPage | null {
  const stride = IMSIC.PAGE_SIZE * 2 ** guestIndexBits;
  let offset = index * stride;
  for (const region of regions) {
    if (offset < region.size) return new ImsicPage(region, offset);
    // A region may end in a hole, short of a whole group of pages.
    offset -= Math.ceil(region.size / stride) * stride;
  }
  return null;
}
