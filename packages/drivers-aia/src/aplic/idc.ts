import type { IrqDomain } from '@irqchip/irqdomain';
import { CpuMask, serviceToken, type MmioRegion, type ServiceToken } from '@irqchip/smp';
import { APLIC } from '../registers.ts';
import type { AplicPriv } from './priv.ts';

const ENABLE_IDELIVERY = 1;
const ENABLE_ITHRESHOLD = 0;

/** One hart's interrupt delivery control. @kernel aplic_idc */
export class AplicIdc {
  private readonly regs: MmioRegion;
  private readonly base: number;

  constructor(readonly direct: AplicDirect, readonly hartIndex: number) {
    this.regs = direct.priv.regs;
    this.base = APLIC.IDC_BASE + hartIndex * APLIC.IDC_SIZE;
  }

  /** Value of a `target` register for this hart. */
  get target(): number {
    return ((this.hartIndex & APLIC.TARGET_HART_IDX_MASK) << APLIC.TARGET_HART_IDX_SHIFT) | APLIC.DEFAULT_PRIORITY;
  }

  /** The source to serve next, which stops to be pending unless it is a level; 0 for none. Hard irq, on the hart's CPU. */
  claim(): number {
    return this.regs.readl(this.base + APLIC.IDC_CLAIMI) >>> APLIC.IDC_TOPI_ID_SHIFT;
  }

  /** @kernel aplic_idc_set_delivery */
  enableDelivery(): void {
    // Threshold 0 hides no priority.
    this.regs.writel(this.base + APLIC.IDC_ITHRESHOLD, ENABLE_ITHRESHOLD);
    this.regs.writel(this.base + APLIC.IDC_IDELIVERY, ENABLE_IDELIVERY);
  }
}

/** An APLIC in direct mode. @kernel aplic_direct */
export class AplicDirect {
  /** The CPUs that it can interrupt. */
  readonly lmask: CpuMask;
  /** By CPU. */
  readonly idcs: (AplicIdc | null)[];
  /** null until the set-up is complete. */
  domain: IrqDomain | null = null;

  constructor(readonly priv: AplicPriv, nrCpuIds: number) {
    this.lmask = new CpuMask(nrCpuIds);
    this.idcs = new Array<AplicIdc | null>(nrCpuIds).fill(null);
  }
}

/** What all APLICs of a machine share in direct mode: the first one takes the harts' external interrupt, for all. */
export class AplicParent {
  /** Linux irq of the external interrupt, 0 until an APLIC mapped it. @kernel aplic_direct_parent_irq */
  irq = 0;
  /** By CPU: who interrupts it. A CPU that two APLICs name belongs to the one that came last. @kernel aplic_idcs */
  readonly idcs: (AplicIdc | null)[] = [];

  connect({ idcs }: AplicDirect): void {
    idcs.forEach((idc, cpu) => { if (idc !== null) this.idcs[cpu] = idc; });
  }

  disconnect(direct: AplicDirect): void {
    this.idcs.forEach((idc, cpu) => { if (idc?.direct === direct) this.idcs[cpu] = null; });
  }
}

/** The machine's {@link AplicParent} in the container. */
export const APLIC_PARENT: ServiceToken<AplicParent> = serviceToken<AplicParent>('drivers-aia', 'AplicParent');
