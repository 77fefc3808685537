import { disablePercpuIrq, enablePercpuIrq, getTriggerType, IRQ_HANDLED, type Genirq } from '@irqchip/genirq-core';
import { ClockEvent, type ClockEvents, type Csr, type Harts } from '@irqchip/riscv';
import { PerCpu, type MmioRegion, type Smp } from '@irqchip/smp';
import type { ClintIrqs } from './firmware.ts';
import { CLINT_MTIME, CLINT_MTIMECMP, CLINT_MTIMECMP_STRIDE } from './registers.ts';

const WORD = 0x1_0000_0000;

/**
 * The timers of a CLINT, one a hart. What silences a timer that has fired is the enable bit in `ie`, not MTIMECMP: the line
 * stays up until the next event is set.
 */
export class ClintTimer {
  readonly events: PerCpu<ClockEvent>;
  private readonly smp: Smp;

  constructor(
    private readonly genirq: Genirq,
    private readonly harts: Harts,
    private readonly csr: Csr,
    private readonly clockEvents: ClockEvents,
    private readonly regs: MmioRegion,
    private readonly irqs: ClintIrqs,
    hz: number,
  ) {
    this.smp = genirq.smp;
    this.events = new PerCpu((cpu) => new ClockEvent(this.smp, 'clint_clockevent', cpu, hz, (ticks) => this.setNext(ticks)));
  }

  /** On the CPU that comes up, interrupts off. @kernel clint_timer_starting_cpu */
  starting(cpu: number): void {
    this.clockEvents.register(this.events.get(cpu));
    enablePercpuIrq(this.genirq, this.irqs.timer, getTriggerType(this.genirq, this.irqs.timer));
    enablePercpuIrq(this.genirq, this.irqs.soft, getTriggerType(this.genirq, this.irqs.soft));
  }

  /** On the CPU that goes, interrupts off. The IPI stays: the mux's masks keep the CPU quiet. @kernel clint_timer_dying_cpu */
  dying(): void {
    disablePercpuIrq(this.genirq, this.irqs.timer);
  }

  /** @kernel clint_timer_interrupt */
  readonly interrupt = (_irq: number, event: ClockEvent): number => {
    this.csr.clear(this.harts.csr.ie, 1 << this.harts.irq.timer);
    event.eventHandler(event);
    return IRQ_HANDLED;
  };

  /** @kernel clint_clock_next_event */
  private setNext(ticks: number): void {
    const { csr, harts, regs } = this;
    csr.set(harts.csr.ie, 1 << harts.irq.timer);
    let hi = regs.readlRelaxed(CLINT_MTIME + 4);
    let lo = regs.readlRelaxed(CLINT_MTIME);
    // The counter may carry into the upper half between the two reads.
    for (let again = regs.readlRelaxed(CLINT_MTIME + 4); again !== hi; again = regs.readlRelaxed(CLINT_MTIME + 4)) {
      hi = again;
      lo = regs.readlRelaxed(CLINT_MTIME);
    }
    const low = (lo >>> 0) + (ticks % WORD);
    const high = (hi >>> 0) + Math.floor(ticks / WORD) + (low >= WORD ? 1 : 0);
    const compare = CLINT_MTIMECMP + CLINT_MTIMECMP_STRIDE * harts.hartids[this.smp.cpus.current]!;
    regs.writelRelaxed(compare, low | 0);
    regs.writelRelaxed(compare + 4, high | 0);
  }
}
