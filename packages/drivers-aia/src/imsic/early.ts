import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, enablePercpuIrq, genericHandleIrq, getTriggerType, setChainedHandler, type IrqDesc,
} from '@irqchip/genirq-core';
import { IPI_MUX, type IpiMux, type IpiMuxes } from '@irqchip/ipi-mux';
import { defineIrqchip, DOMAIN_BUS, irqCreateMapping, irqFindMatchingFwnode, type IrqchipDriver, type ProbeContext } from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI, type Csr, type Harts, type RiscvIpi } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { LOCAL_TIMERS, type LocalTimers } from '../local-timers.ts';
import { IMSIC_COMPATIBLE } from '../registers.ts';
import { IMSIC_SERVICE, type Imsic } from './imsic.ts';
import type { ImsicState } from './state.ts';
import { IMSIC_IPI_ID } from './vector.ts';

/** @kernel IMSIC_NR_IPI */
const IMSIC_NR_IPI = 8;

function probe(ctx: ProbeContext, harts: Harts, csr: Csr, muxes: IpiMuxes, cpuhp: CpuHotplug, ipi: RiscvIpi, imsic: Imsic, timers: LocalTimers): Imsic {
  const state = imsic.setupState(ctx, harts, csr, timers);
  imsic.parentIrq = mapParent(ctx, harts);
  const mux = imsic.noipi ? null : provideIpis(ctx, state, muxes, ipi);
  setChainedHandler(ctx.genirq, imsic.parentIrq, handlerOf(ctx, imsic, state, mux));
  setupHotplug(ctx, cpuhp, imsic, state);
  return imsic;
}

/** @throws IrqError `ENOENT` without INTC domain or mapping. */
function mapParent({ domains, node, smp }: ProbeContext, harts: Harts): number {
  const domain = irqFindMatchingFwnode(domains, harts.intcFwnode, DOMAIN_BUS.ANY);
  if (domain === null) {
    smp.log.err(`riscv-imsic: ${node.name}: Failed to find INTC domain`);
    throw new IrqError('ENOENT', `${node.path}: no domain of the harts' local controllers; the INTC driver must come first.`);
  }
  const virq = irqCreateMapping(domain, harts.irq.ext);
  if (virq === 0) {
    smp.log.err(`riscv-imsic: ${node.name}: Failed to create INTC mapping`);
    throw new IrqError('ENOENT', `${node.path}: local interrupt ${harts.irq.ext} cannot be mapped; the log says why.`);
  }
  return virq;
}

/** @throws IrqError what the mux throws: `EEXIST` when the machine has a provider already. @kernel imsic_ipi_domain_init */
function provideIpis({ node, smp }: ProbeContext, state: ImsicState, muxes: IpiMuxes, ipi: RiscvIpi): IpiMux {
  const imsicIpiSend = (cpu: number): void => state.send(cpu, IMSIC_IPI_ID);
  try {
    const mux = muxes.create({ nrIpi: IMSIC_NR_IPI, send: imsicIpiSend });
    ipi.setVirqRange(mux.virq, IMSIC_NR_IPI);
    smp.log.info(`riscv-imsic: ${node.name}: providing IPIs using interrupt ${IMSIC_IPI_ID}`);
    return mux;
  } catch (error) {
    smp.log.err(`riscv-imsic: ${node.name}: Failed to initialize IPI domain`);
    throw error;
  }
}

function handlerOf({ genirq, smp }: ProbeContext, imsic: Imsic, state: ImsicState, mux: IpiMux | null): (desc: IrqDesc) => void {
  const { csrs } = state;
  const syncsOnEntry = genirq.linux !== '6.12';

  /** Hard irq, interrupts off. One entry takes everything that is pending. @kernel imsic_handle_irq */
  function imsicHandleIrq(desc: IrqDesc): void {
    const { chip } = desc.irqData;
    const cpu = smp.cpus.current;
    // What others want changed here is done now rather than at the next tick.
    if (syncsOnEntry) state.syncThisCpu(false);
    chainedIrqEnter(chip, desc);
    for (let id = csrs.claim(); id !== 0; id = csrs.claim()) {
      if (mux !== null && id === IMSIC_IPI_ID) mux.process();
      else if (imsic.baseDomain !== null) handleDevice(cpu, id);
    }
    chainedIrqExit(chip, desc);
  }

  function handleDevice(cpu: number, id: number): void {
    const vector = state.vectorOf(cpu, id);
    if (vector !== null) genericHandleIrq(genirq, vector.irq);
    else smp.log.ratelimited('imsic_handle_irq', 'warn', `riscv-imsic: vector not found for local ID 0x${id.toString(16)}`);
  }

  return imsicHandleIrq;
}

/**
 * The interrupt file of a CPU that goes offline stays on but for its IPIs: masking those is the mux's business.
 * Registration runs the start on the boot CPU at once.
 */
function setupHotplug({ genirq, node, smp }: ProbeContext, cpuhp: CpuHotplug, imsic: Imsic, state: ImsicState): void {
  const { csrs } = state;

  function imsicStartingCpu(): void {
    state.online();
    enablePercpuIrq(genirq, imsic.parentIrq, getTriggerType(genirq, imsic.parentIrq));
    if (!imsic.noipi) csrs.setEnable(IMSIC_IPI_ID);
    // Interrupts may have been enabled, disabled or moved while this CPU was away.
    state.syncThisCpu(true);
    csrs.delivery(true);
  }

  function imsicDyingCpu(): void {
    if (!imsic.noipi) csrs.clearEnable(IMSIC_IPI_ID);
    state.offline();
  }

  try {
    cpuhp.setupState('CPUHP_AP_IRQ_RISCV_IMSIC_STARTING', 'irqchip/riscv/imsic:starting', imsicStartingCpu, imsicDyingCpu);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    // The kernel ignores it; its tests would not.
    smp.diagnostics.report('warn', `${node.path}: hotplug state not registered, so no CPU takes IPIs or messages: ${error.message}`);
  }
}

/** IPIs and the chained handler of `riscv,imsics`. @kernel imsic_early_dt_init */
export const imsicEarly: IrqchipDriver = defineIrqchip(
  {
    name: 'riscv-imsic-early',
    compatible: IMSIC_COMPATIBLE,
    services: [HARTS, CSR, IPI_MUX, CPUHP, RISCV_IPI, IMSIC_SERVICE, LOCAL_TIMERS] as const,
  },
  probe,
);
