import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import { chainedIrqEnter, chainedIrqExit, enablePercpuIrq, getTriggerType, setChainedHandler, type IrqDesc } from '@irqchip/genirq-core';
import { IPI_MUX, type IpiMux, type IpiMuxes } from '@irqchip/ipi-mux';
import {
  DOMAIN_BUS, irqCreateMapping, irqDisposeMapping, irqFindMatchingFwnode, type IrqchipDriver, type ProbeContext,
} from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI, SBI, type Csr, type Harts, type RiscvIpi, type Sbi } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { chooseSendIpi } from './send.ts';

/** BITS_PER_BYTE in the kernel. */
const NR_IPI = 8;

/**
 * IPIs through the firmware, unless somebody provided them before. Every failure is a line in the log and no IPIs: there is no
 * caller to tell.
 * @returns whether IPIs are provided here.
 * @kernel sbi_ipi_init
 */
export function sbiIpiInit(ctx: ProbeContext, harts: Harts, csr: Csr, sbi: Sbi, muxes: IpiMuxes, cpuhp: CpuHotplug, ipi: RiscvIpi): boolean {
  const { domains, genirq, smp } = ctx;
  // A kernel for machine mode is built without it.
  if (harts.mode === 'M' || ipi.haveVirqRange) return false;
  const virq = mapSoft(ctx, harts);
  if (virq === 0) return false;
  const mux = createMux(ctx, harts, sbi, muxes);
  if (mux === null) {
    irqDisposeMapping(domains, virq);
    return false;
  }
  setChainedHandler(genirq, virq, handlerOf(csr, harts, mux));
  setupHotplug(ctx, cpuhp, virq);
  ipi.setVirqRange(mux.virq, NR_IPI);
  smp.log.info('riscv: providing IPIs using SBI IPI extension');
  return true;
}

/** 0 when it cannot be. */
function mapSoft({ domains, smp }: ProbeContext, harts: Harts): number {
  const domain = irqFindMatchingFwnode(domains, harts.intcFwnode, DOMAIN_BUS.ANY);
  if (domain === null) {
    smp.log.err('riscv: unable to find INTC IRQ domain');
    return 0;
  }
  const virq = irqCreateMapping(domain, harts.irq.soft);
  if (virq === 0) smp.log.err('riscv: unable to create INTC IRQ mapping');
  return virq;
}

function createMux({ smp }: ProbeContext, harts: Harts, sbi: Sbi, muxes: IpiMuxes): IpiMux | null {
  try {
    return muxes.create({ nrIpi: NR_IPI, send: chooseSendIpi(smp, harts, sbi) });
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    smp.log.err('riscv: unable to create muxed IPIs');
    return null;
  }
}

function handlerOf(csr: Csr, harts: Harts, mux: IpiMux): (desc: IrqDesc) => void {
  const { ip } = harts.csr;
  const ssip = 1 << harts.irq.soft;

  /** Hard irq, interrupts off. @kernel sbi_ipi_handle */
  function sbiIpiHandle(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    chainedIrqEnter(chip, desc);
    // Before the mux looks: a doorbell that comes later must raise the interrupt again.
    csr.clear(ip, ssip);
    mux.process();
    chainedIrqExit(chip, desc);
  }

  return sbiIpiHandle;
}

/**
 * The parent stays on when a CPU goes offline: masking its IPIs is the mux's business. Registration enables it on the boot CPU
 * at once.
 */
function setupHotplug({ genirq, smp }: ProbeContext, cpuhp: CpuHotplug, virq: number): void {
  function sbiIpiStartingCpu(): void {
    enablePercpuIrq(genirq, virq, getTriggerType(genirq, virq));
  }

  try {
    cpuhp.setupState('CPUHP_AP_IRQ_RISCV_SBI_IPI_STARTING', 'irqchip/sbi-ipi:starting', sbiIpiStartingCpu, null);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    // The kernel ignores it; its tests would not.
    smp.diagnostics.report('warn', `irqchip/sbi-ipi:starting: hotplug state not registered, so CPUs that come up later take no IPIs: ${error.message}`);
  }
}

const services = [HARTS, CSR, SBI, IPI_MUX, CPUHP, RISCV_IPI] as const;

/** Matches no node: the machine probes it once, with the root node, after all irqchip drivers. */
export const sbiIpi: IrqchipDriver = Object.freeze({
  name: 'sbi-ipi',
  compatible: Object.freeze([]),
  stage: 'arch',
  services,
  probe: (ctx: ProbeContext, given: readonly unknown[]) => sbiIpiInit(ctx, ...(given as [Harts, Csr, Sbi, IpiMuxes, CpuHotplug, RiscvIpi])),
});
