import type { FwNode } from '@irqchip/irqdomain';
import { IrqError, serviceToken, type ServiceToken } from '@irqchip/smp';
import * as nr from './csr.ts';

/** Supervisor kernel on firmware, or a kernel that owns machine mode (CONFIG_RISCV_M_MODE). */
export type PrivilegeMode = 'S' | 'M';

export interface HartsOptions {
  readonly mode: PrivilegeMode;
  readonly xlen: 32 | 64;
  /** In CPU order: `hartids[0]` is the boot hart. */
  readonly hartids: readonly number[];
  /** The Advanced Interrupt Architecture's CSRs exist in this mode (Ssaia, Smaia). */
  readonly aia: boolean;
  /** `/cpus/timebase-frequency` in Hz, for drivers whose node does not lead there. */
  readonly timebaseHz?: number;
}

/** Local interrupt numbers of the kernel's mode. @kernel RV_IRQ_SOFT */
export interface LocalIrqs { readonly soft: number; readonly timer: number; readonly ext: number; readonly ovf: number }

/** CSR numbers of the kernel's mode. @kernel CSR_IE */
export interface ModeCsrs {
  readonly ie: number;
  readonly ieh: number;
  readonly ip: number;
  readonly iph: number;
  readonly iselect: number;
  readonly ireg: number;
  readonly topei: number;
  readonly topi: number;
}

const IRQS: Record<PrivilegeMode, LocalIrqs> = {
  S: { soft: 1, timer: 5, ext: 9, ovf: 13 },
  M: { soft: 3, timer: 7, ext: 11, ovf: 13 },
};

const CSRS: Record<PrivilegeMode, ModeCsrs> = {
  S: {
    ie: nr.CSR_SIE, ieh: nr.CSR_SIEH, ip: nr.CSR_SIP, iph: nr.CSR_SIPH,
    iselect: nr.CSR_SISELECT, ireg: nr.CSR_SIREG, topei: nr.CSR_STOPEI, topi: nr.CSR_STOPI,
  },
  M: {
    ie: nr.CSR_MIE, ieh: nr.CSR_MIEH, ip: nr.CSR_MIP, iph: nr.CSR_MIPH,
    iselect: nr.CSR_MISELECT, ireg: nr.CSR_MIREG, topei: nr.CSR_MTOPEI, topi: nr.CSR_MTOPI,
  },
};

/**
 * The harts of one machine and their numbers. Four numberings meet here and are easily mixed up: the *hartid* (`reg` of the
 * cpu node; what SBI and the CLINT driver use), the *cpuid* (Linux' number; the boot hart is always 0), the *logical index*
 * (position in a controller's `interrupts-extended`) and the *hart index* (the same unless `riscv,hart-indexes` says
 * otherwise). This class maps the first two; the others belong to each controller's node.
 */
export class Harts {
  readonly mode: PrivilegeMode;
  readonly xlen: 32 | 64;
  readonly aia: boolean;
  readonly timebaseHz: number | null;
  readonly hartids: readonly number[];
  /** How many. */
  readonly nr: number;
  readonly irq: LocalIrqs;
  readonly csr: ModeCsrs;
  /** The one local controller node that has a domain, once its driver ran. @kernel riscv_get_intc_hwnode */
  intcFwnode: FwNode | null = null;

  constructor({ mode, xlen, hartids, aia, timebaseHz }: HartsOptions) {
    if (hartids.length === 0 || new Set(hartids).size !== hartids.length) {
      throw new IrqError('EINVAL', `Harts: [${hartids.join(', ')}] must name at least one hart, and each once.`);
    }
    this.mode = mode;
    this.xlen = xlen;
    this.aia = aia;
    this.timebaseHz = timebaseHz ?? null;
    this.hartids = [...hartids];
    this.nr = hartids.length;
    this.irq = IRQS[mode];
    this.csr = CSRS[mode];
  }

  /** The Linux CPU number of a hart. @throws IrqError `ENOENT` for a hart that Linux does not run on. @kernel riscv_hartid_to_cpuid */
  hartidToCpuid(hartid: number): number {
    const cpu = this.hartids.indexOf(hartid);
    if (cpu < 0) throw new IrqError('ENOENT', `No CPU has hartid ${hartid}; this machine's harts are ${this.hartids.join(', ')}.`);
    return cpu;
  }

  /** The hartid of a Linux CPU. @throws IrqError `EINVAL` for a CPU without a hart. @kernel cpuid_to_hartid_map */
  cpuidToHartid(cpu: number): number {
    const hartid = this.hartids[cpu];
    if (hartid === undefined) throw new IrqError('EINVAL', `CPU ${cpu} has no hart; CPUs 0 to ${this.nr - 1} have.`);
    return hartid;
  }
}

/** The machine's {@link Harts} in the container; the machine supplies it. */
export const HARTS: ServiceToken<Harts> = serviceToken<Harts>('riscv', 'Harts');
