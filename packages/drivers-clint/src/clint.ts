import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import {
  chainedIrqEnter, chainedIrqExit, freePercpuIrq, requestPercpuIrq, setChainedHandler, type IrqDesc,
} from '@irqchip/genirq-core';
import { IPI_MUX, type IpiMuxes } from '@irqchip/ipi-mux';
import { defineIrqchip, type IrqchipDriver, type ProbeContext } from '@irqchip/irqdomain';
import {
  CLOCK_EVENTS, clocksourceRegisterHz, CSR, HARTS, RISCV_IPI, type ClockEvents, type Csr, type Harts, type RiscvIpi,
} from '@irqchip/riscv';
import { IrqError, type MmioRegion } from '@irqchip/smp';
import { mapClintIrqs, timebaseHz, type ClintIrqs } from './firmware.ts';
import { CLINT_COMPATIBLE, CLINT_MAX_HARTS, CLINT_MSIP, CLINT_MSIP_STRIDE } from './registers.ts';
import { ClintTimer } from './timer.ts';

/** How many vIPIs a CLINT asks the mux for. */
const NR_IPI = 8;

/** What the driver needs besides its node. */
interface Services {
  readonly harts: Harts;
  readonly csr: Csr;
  readonly muxes: IpiMuxes;
  readonly ipi: RiscvIpi;
  readonly cpuhp: CpuHotplug;
  readonly events: ClockEvents;
}

/** @throws IrqError `ENODEV` without a register region. */
function mapRegisters(ctx: ProbeContext): MmioRegion {
  const regs = ctx.regions[0];
  if (regs) return regs;
  ctx.smp.log.err(`clint: ${ctx.node.name}: could not map registers`);
  throw new IrqError('ENODEV', `${ctx.node.path} has no register region; give it a reg property.`);
}

/**
 * Makes this CLINT the machine's provider of IPIs. MSIP goes by hartid: the driver takes the hart index for the hartid, so
 * hartids must count from 0 without gaps.
 * @throws IrqError what the mux throws: `EEXIST` when another driver provides IPIs already.
 */
function provideIpis(ctx: ProbeContext, regs: MmioRegion, irq: number, { harts, muxes, ipi }: Services): void {
  const { cpus, log } = ctx.smp;
  const msip = (cpu: number): number => CLINT_MSIP + CLINT_MSIP_STRIDE * harts.hartids[cpu]!;
  const clear = (): void => regs.writel(msip(cpus.current), 0);
  const createMux = (): ReturnType<IpiMuxes['create']> => {
    try {
      return muxes.create({ nrIpi: NR_IPI, send: (cpu) => regs.writel(msip(cpu), 1) });
    } catch (error) {
      log.err('clint: unable to create muxed IPIs');
      throw error;
    }
  };
  const mux = createMux();
  /** @kernel clint_ipi_interrupt */
  const clintIpiInterrupt = (desc: IrqDesc): void => {
    const { chip } = desc.irqData;
    chainedIrqEnter(chip, desc);
    // Before process(): a doorbell that rings from now on raises the line again.
    clear();
    mux.process();
    chainedIrqExit(chip, desc);
  };
  setChainedHandler(ctx.genirq, irq, clintIpiInterrupt);
  ipi.setVirqRange(mux.virq, NR_IPI);
  clear();
}

/** @throws IrqError what cpuhp throws, with what stays behind. */
function setupHotplug(ctx: ProbeContext, timer: ClintTimer, irqs: ClintIrqs, cpuhp: CpuHotplug): void {
  // Named: hotplug traces print the callbacks' names.
  const clintTimerStartingCpu = (cpu: number): void => timer.starting(cpu);
  const clintTimerDyingCpu = (): void => timer.dying();
  try {
    cpuhp.setupState('CPUHP_AP_CLINT_TIMER_STARTING', 'clockevents/clint/timer:starting', clintTimerStartingCpu, clintTimerDyingCpu);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    ctx.smp.log.err(`clint: ${ctx.node.name}: cpuhp setup state failed [${error.errno}]`);
    throw new IrqError(error.code, `${ctx.node.path}: ${error.message} The IPI mux and its chained handler on irq ${irqs.soft} stay: only CPUs that are up now take IPIs, and none has a timer.`, { cause: error });
  }
}

function requestTimer(ctx: ProbeContext, timer: ClintTimer, irqs: ClintIrqs): void {
  try {
    requestPercpuIrq(ctx.genirq, irqs.timer, timer.interrupt, 'clint-timer', timer.events);
  } catch (error) {
    if (error instanceof IrqError) ctx.smp.log.err(`clint: registering percpu irq failed [${error.errno}]`);
    throw error;
  }
}

/** @throws IrqError `EINVAL` when a hart has no registers: the driver takes hartids for indexes, and those end at 4094. */
function checkHarts(ctx: ProbeContext, harts: Harts): void {
  const beyond = harts.hartids.find((hartid) => hartid >= CLINT_MAX_HARTS);
  if (beyond === undefined) return;
  throw new IrqError('EINVAL', `${ctx.node.path}: a CLINT has registers for harts 0 to ${CLINT_MAX_HARTS - 1}, and none for hart ${beyond}; boot with fewer CPUs.`);
}

/**
 * When a step fails, the steps before it are undone but for the mappings, the mux and its chained handler: there is no way
 * to take a mux away.
 */
function init(ctx: ProbeContext, services: Services): ClintTimer {
  const irqs = mapClintIrqs(ctx, services.harts);
  const regs = mapRegisters(ctx);
  checkHarts(ctx, services.harts);
  const hz = timebaseHz(ctx, services.harts);
  ctx.smp.log.info(`clint: ${ctx.node.name}: timer running at ${hz} Hz`);
  clocksourceRegisterHz(ctx.smp, 'clint_clocksource', hz);
  const timer = new ClintTimer(ctx.genirq, services.harts, services.csr, services.events, regs, irqs, hz);
  requestTimer(ctx, timer, irqs);
  try {
    provideIpis(ctx, regs, irqs.soft, services);
    setupHotplug(ctx, timer, irqs, services.cpuhp);
  } catch (error) {
    freePercpuIrq(ctx.genirq, irqs.timer, timer.events);
    throw error;
  }
  return timer;
}

/**
 * IPIs and timer of machine-mode kernels. Supervisor kernels refuse a CLINT whose wires end at machine-level interrupts:
 * leave the driver out of such machines.
 * @kernel clint_timer_init_dt
 */
export const clint: IrqchipDriver = defineIrqchip(
  {
    name: 'clint', compatible: CLINT_COMPATIBLE, stage: 'timer',
    services: [HARTS, CSR, IPI_MUX, RISCV_IPI, CPUHP, CLOCK_EVENTS] as const,
  },
  (ctx, harts, csr, muxes, ipi, cpuhp, events) => init(ctx, { harts, csr, muxes, ipi, cpuhp, events }),
);
