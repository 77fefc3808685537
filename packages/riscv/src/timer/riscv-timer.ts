import { CPUHP, type CpuHotplug } from '@irqchip/cpuhp';
import {
  disablePercpuIrq, enablePercpuIrq, getTriggerType, IRQ_HANDLED, requestPercpuIrq, type Genirq,
} from '@irqchip/genirq-core';
import {
  defineIrqchip, DOMAIN_BUS, irqCreateMapping, irqFindMatchingFwnode, type IrqchipDriver, type IrqDomains, type ProbeContext,
} from '@irqchip/irqdomain';
import { errnoOf, IrqError, PerCpu, type Smp } from '@irqchip/smp';
import * as nr from '../csr.ts';
import { CSR, type Csr } from '../csr.ts';
import { HARTS, type Harts } from '../harts.ts';
import { isaHas } from '../isa.ts';
import { ofProcessorHartid } from '../of-hartid.ts';
import { SBI, sbiSetTimer, type Sbi } from '../sbi.ts';
import { clocksourceRegisterHz } from './clocksource.ts';
import { CLOCK_EVENTS, ClockEvent, type ClockEvents } from './clock-event.ts';

const WORD = 0x1_0000_0000;

/** The supervisor timer of every hart: `stimecmp` where the Sstc extension is, else the firmware's. */
export class RiscvTimer {
  /** Linux irq of the timer, 0 before {@link init}. */
  irq = 0;
  private readonly genirq: Genirq;
  private readonly smp: Smp;
  private readonly events: PerCpu<ClockEvent>;

  constructor(
    private readonly domains: IrqDomains,
    private readonly harts: Harts,
    private readonly csr: Csr,
    private readonly sbi: Sbi,
    private readonly clockEvents: ClockEvents,
    private readonly hz: number,
    private readonly sstc: boolean,
  ) {
    this.genirq = domains.genirq;
    this.smp = domains.genirq.smp;
    this.events = new PerCpu((cpu) => new ClockEvent(this.smp, 'riscv_timer_clockevent', cpu, hz, (ticks) => this.setNext(ticks)));
  }

  /**
   * Maps and requests the timer interrupt and starts it on every CPU that is or comes up.
   * @throws IrqError `ENODEV` without an INTC domain or mapping; what request and cpuhp throw. Nothing is undone then, as in
   * the kernel: a machine without its timer does not boot.
   * @kernel riscv_timer_init_common
   */
  init(cpuhp: CpuHotplug): void {
    this.irq = this.map();
    clocksourceRegisterHz(this.smp, 'riscv_clocksource', this.hz);
    this.logged('registering percpu irq failed', () => {
      requestPercpuIrq(this.genirq, this.irq, (_irq: number, event: ClockEvent) => this.interrupt(event), 'riscv-timer', this.events);
    });
    if (this.sstc) this.smp.log.info('riscv-timer: Timer interrupt in S-mode is available via sstc extension');
    // Named: hotplug traces print the callbacks' names.
    const riscvTimerStartingCpu = (cpu: number): void => this.starting(cpu);
    const riscvTimerDyingCpu = (): void => this.dying();
    this.logged('cpu hp setup state failed for RISCV timer', () => {
      cpuhp.setupState('CPUHP_AP_RISCV_TIMER_STARTING', 'clockevents/riscv/timer:starting', riscvTimerStartingCpu, riscvTimerDyingCpu);
    });
  }

  private logged(failure: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.smp.log.err(`riscv-timer: ${failure} [${errnoOf(error)}]`);
      throw error;
    }
  }

  private map(): number {
    const { harts } = this;
    const node = harts.intcFwnode?.name ?? '(null)';
    const domain = irqFindMatchingFwnode(this.domains, harts.intcFwnode, DOMAIN_BUS.ANY);
    if (!domain) return this.fail(`Failed to find irq_domain for INTC node [${node}]`);
    const irq = irqCreateMapping(domain, harts.irq.timer);
    return irq !== 0 ? irq : this.fail(`Failed to map timer interrupt for node [${node}]`);
  }

  private fail(message: string): never {
    this.smp.log.err(`riscv-timer: ${message}`);
    throw new IrqError('ENODEV', `riscv-timer: ${message}. The INTC driver must come first.`);
  }

  /** On the CPU that comes up, interrupts off. @kernel riscv_timer_starting_cpu */
  private starting(cpu: number): void {
    this.stop();
    this.clockEvents.register(this.events.get(cpu));
    enablePercpuIrq(this.genirq, this.irq, getTriggerType(this.genirq, this.irq));
  }

  /** On the CPU that goes, interrupts off. @kernel riscv_timer_dying_cpu */
  private dying(): void {
    this.stop();
    disablePercpuIrq(this.genirq, this.irq);
  }

  /** @kernel riscv_timer_interrupt */
  private interrupt(event: ClockEvent): number {
    this.stop();
    event.eventHandler(event);
    return IRQ_HANDLED;
  }

  /** @kernel riscv_clock_next_event */
  private setNext(ticks: number): void {
    const { csr, harts } = this;
    let hi = this.timeHigh();
    let now = csr.read(nr.CSR_TIME);
    // The counter may carry into the upper half between the two reads.
    for (let again = this.timeHigh(); again !== hi; again = this.timeHigh()) {
      hi = again;
      now = csr.read(nr.CSR_TIME);
    }
    const lo = (now >>> 0) + (ticks % WORD);
    hi += Math.floor(ticks / WORD) + (lo >= WORD ? 1 : 0);
    if (!this.sstc) sbiSetTimer(this.sbi, harts.xlen, lo | 0, hi | 0);
    else if (harts.xlen === 64) csr.write(nr.CSR_STIMECMP, lo | 0, hi | 0);
    else this.writeHalves(lo | 0, hi | 0);
  }

  private timeHigh(): number {
    return this.harts.xlen === 32 ? this.csr.read(nr.CSR_TIMEH) : this.csr.readHi(nr.CSR_TIME);
  }

  /** RV32: all ones in the low half first, so that no state between is in the past. */
  private writeHalves(lo: number, hi: number): void {
    this.csr.write(nr.CSR_STIMECMP, -1);
    this.csr.write(nr.CSR_STIMECMPH, hi);
    this.csr.write(nr.CSR_STIMECMP, lo);
  }

  /** No event until the next is set; also takes the pending bit away. @kernel riscv_clock_event_stop */
  private stop(): void {
    const { csr, harts } = this;
    if (!this.sstc) {
      sbiSetTimer(this.sbi, harts.xlen, -1, -1);
      return;
    }
    csr.write(nr.CSR_STIMECMP, -1, -1);
    if (harts.xlen === 32) csr.write(nr.CSR_STIMECMPH, -1);
  }
}

/** @throws IrqError `ENOENT` for a hart that Linux does not run on. */
function cpuidOf({ smp }: ProbeContext, harts: Harts, hartid: number): number {
  try {
    return harts.hartidToCpuid(hartid);
  } catch (error) {
    smp.log.warn(`riscv-timer: Invalid cpuid for hartid [${hartid}]`);
    throw error;
  }
}

function probe(ctx: ProbeContext, harts: Harts, csr: Csr, sbi: Sbi, cpuhp: CpuHotplug, events: ClockEvents): RiscvTimer | null {
  const { node, smp } = ctx;
  // A kernel for machine mode is built without this driver.
  if (harts.mode === 'M') return null;
  const hartid = ofProcessorHartid(node);
  if (hartid === null) {
    smp.log.warn(`riscv-timer: Invalid hartid for node [${node.path}]`);
    throw new IrqError('ENODEV', `${node.path} has no usable reg: it must hold the hartid.`);
  }
  if (cpuidOf(ctx, harts, hartid) !== smp.cpus.current) return null;
  const hz = node.parent?.u32('timebase-frequency') ?? node.u32('timebase-frequency') ?? harts.timebaseHz;
  if (!hz) throw new IrqError('EINVAL', `${node.path}: no timebase-frequency here or in /cpus; the timer cannot count without.`);
  const timer = new RiscvTimer(ctx.domains, harts, csr, sbi, events, hz, isaHas(node, 'sstc'));
  timer.init(cpuhp);
  return timer;
}

/** The timer of supervisor kernels; one for the machine, on the running hart's cpu node. @kernel riscv_timer_init_dt */
export const riscvTimer: IrqchipDriver = defineIrqchip(
  { name: 'riscv-timer', compatible: 'riscv', stage: 'timer', services: [HARTS, CSR, SBI, CPUHP, CLOCK_EVENTS] as const },
  probe,
);
