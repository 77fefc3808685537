import type { IrqDomain, ProbeContext } from '@irqchip/irqdomain';
import type { Csr, Harts } from '@irqchip/riscv';
import { errnoOf, IrqError, serviceToken, type ServiceToken } from '@irqchip/smp';
import type { LocalTimers } from '../local-timers.ts';
import { parseImsicConfig, refuse, type ImsicGlobalConfig } from './config.ts';
import { ImsicCsrs } from './csrs.ts';
import { findPages, parentHartids } from './pages.ts';
import { ImsicState } from './state.ts';

export interface ImsicDriverOptions {
  /** Boot parameter `irqchip.riscv_imsic_noipi`: leave the IPIs to another provider. Default false. */
  readonly noipi?: boolean;
  /** Ticks per second, CONFIG_HZ; how soon a remote mask takes effect. Default 250. */
  readonly hz?: number;
}

/** What the early driver sets up and the platform driver goes on with. One IMSIC a machine. */
export class Imsic {
  /** null until a node was taken. */
  state: ImsicState | null = null;
  /** The MSI parent domain, once the platform driver ran. */
  baseDomain: IrqDomain | null = null;
  /** Linux irq of the external interrupt, 0 until it is mapped. */
  parentIrq = 0;
  readonly noipi: boolean;
  private readonly jiffyNs: number;

  constructor(options: ImsicDriverOptions = {}) {
    this.noipi = options.noipi ?? false;
    this.jiffyNs = 1e9 / (options.hz ?? 250);
  }

  /** Layout and identities, for controllers that send to this one; null until there are any. @kernel imsic_get_global_config */
  get globalConfig(): ImsicGlobalConfig | null { return this.state?.config ?? null; }

  /**
   * Takes the node over. Boot CPU.
   * @throws IrqError `EALREADY` for a second node, `ENODEV` without AIA or without a CPU of this machine, `EINVAL` for a node
   * that contradicts itself, `EIO` when a region cannot be mapped, `ENOMEM`. Nothing is left behind.
   * @kernel imsic_setup_state
   */
  setupState(ctx: ProbeContext, harts: Harts, csr: Csr, timers: LocalTimers): ImsicState {
    const { node, smp } = ctx;
    try {
      this.state = this.makeState(ctx, harts, csr, timers);
      return this.state;
    } catch (error) {
      smp.log.err(`riscv-imsic: ${node.name}: failed to setup state (error ${errnoOf(error)})`);
      throw error;
    }
  }

  private makeState(ctx: ProbeContext, harts: Harts, csr: Csr, timers: LocalTimers): ImsicState {
    const { node, smp, fwnode, genirq, regions } = ctx;
    if (this.state !== null) throw complain(ctx, 'EALREADY', 'already initialized hence ignoring', 'A machine has one IMSIC; several sockets are several reg entries of one node.');
    if (!harts.aia) throw complain(ctx, 'ENODEV', 'AIA support not available', 'The harts must have Ssaia (Smaia in M-mode) in their riscv,isa.');
    smp.faults.check('percpu');
    const hartids = parentHartids(ctx, harts);
    if (hartids.length === 0) throw refuse(smp.log, node, 'no parent irqs available', `interrupts-extended must begin with external interrupts (${harts.irq.ext}) of harts.`);
    const config = parseImsicConfig(node, regions, hartids.length, harts.xlen, smp.log);
    regions.forEach((_, i) => {
      allocated(ctx, 'ioremap', 'EIO', `unable to map MMIO regset ${i}`);
    });
    allocated(ctx, 'imsic_local', 'ENOMEM', 'failed to initialize local state');
    const pages = findPages(ctx, harts, config, hartids);
    const parts = { fwnode, config, pages, csrs: new ImsicCsrs(csr, harts), timers, jiffyNs: this.jiffyNs, noipi: this.noipi };
    try {
      return new ImsicState(genirq, parts);
    } catch (error) {
      smp.log.err(`riscv-imsic: ${node.name}: failed to create matrix allocator`);
      throw error;
    }
  }
}

function allocated(ctx: ProbeContext, site: string, code: 'EIO' | 'ENOMEM', what: string): void {
  try {
    ctx.smp.faults.check(site);
  } catch (cause) {
    throw complain(ctx, code, what, 'Failure injected.', cause);
  }
}

function complain({ node, smp }: ProbeContext, code: 'EALREADY' | 'ENODEV' | 'EIO' | 'ENOMEM', what: string, cure: string, cause?: unknown): IrqError {
  smp.log.err(`riscv-imsic: ${node.name}: ${what}`);
  return new IrqError(code, `${node.path}: ${what}. ${cure}`, { cause });
}

/** The machine's {@link Imsic} in the container. */
export const IMSIC_SERVICE: ServiceToken<Imsic> = serviceToken<Imsic>('drivers-aia', 'Imsic');
/** {@link ImsicDriverOptions}, if the machine binds any. */
export const IMSIC_OPTIONS: ServiceToken<ImsicDriverOptions> = serviceToken<ImsicDriverOptions>('drivers-aia', 'ImsicDriverOptions');
