import { runIrqThreads, runPendingResend, type Genirq } from '@irqchip/genirq-core';
import { CpuMask, IrqError, type Cpus, type CpusHooks } from '@irqchip/smp';
import type { Hart } from '../hart/hart.ts';
import type { Schedule } from './schedule.ts';

/** So many interrupts in a row, with no task between them, are a storm. */
const STORM = 100_000;

/** Takes traps, and moves between CPUs when the running one waits or has nothing left to do. */
export class Runner implements CpusHooks {
  /** CPUs whose hart has something pending and enabled. */
  private readonly ready: CpuMask;
  private readonly deliverable: CpuMask;
  private last = 0;
  /** Made once: a CPU is switched to for every interrupt of another one. */
  private readonly deliverHere = (): void => this.deliver();

  constructor(
    private readonly cpus: Cpus,
    private readonly genirq: Genirq,
    private readonly harts: readonly Hart[],
    private readonly schedule: Schedule,
  ) {
    this.ready = new CpuMask(cpus.nrCpuIds);
    this.deliverable = new CpuMask(cpus.nrCpuIds);
  }

  /** A hart's pending or enabled interrupts changed. */
  changed(cpu: number, hart: Hart): void {
    if ((hart.ip & hart.ie) !== 0 && !hart.halted) this.ready.set(cpu);
    else this.ready.clear(cpu);
  }

  deliver(): void {
    const { cpus } = this;
    const hart = this.harts[cpus.current]!;
    if ((hart.ip & hart.ie) === 0 || hart.halted) return;
    let taken = 0;
    while ((hart.ip & hart.ie) !== 0 && !hart.halted && !cpus.irqsDisabled()) {
      if (++taken > STORM) this.storm(hart);
      this.trap(hart);
    }
  }

  relax(): boolean {
    const cpu = this.pick();
    if (cpu < 0) return false;
    this.cpus.runOn(cpu, this.deliverHere);
    return true;
  }

  /** Runs CPUs until none has an interrupt that it could take. */
  settle(): void {
    for (let steps = 0; this.relax(); steps++) {
      if (steps > STORM + 64 * this.cpus.nrCpuIds) this.storm(this.harts[this.last]!);
    }
  }

  private trap(hart: Hart): void {
    const { cpus } = this;
    cpus.localIrqDisable();
    try {
      this.genirq.handleArchIrq(hart.cause());
    } finally {
      cpus.trapReturn();
    }
    if (this.genirq.resends.pending || this.genirq.threads.pending) this.runDeferred();
  }

  /** What hard interrupts left behind: software resends, woken threads. */
  private runDeferred(): void {
    if (this.cpus.inHardirq()) return;
    runPendingResend(this.genirq);
    runIrqThreads(this.genirq);
  }

  private pick(): number {
    const { ready, deliverable, cpus } = this;
    deliverable.clearAll();
    let any = false;
    for (let cpu = ready.first(); cpu < ready.size; cpu = ready.next(cpu)) {
      if (cpus.irqsDisabledOn(cpu) || this.harts[cpu]!.halted) continue;
      deliverable.set(cpu);
      any = true;
    }
    return any ? (this.last = this.schedule.next(deliverable, this.last)) : -1;
  }

  private storm(hart: Hart): never {
    const cause = hart.cause();
    let last = '';
    this.genirq.trace = {
      handlerEntry: (irq, name) => { last = `; the last handler was ${name} of irq ${irq}`; },
      handlerExit: () => undefined,
    };
    try {
      this.trap(hart);
    } finally {
      this.genirq.trace = null;
    }
    throw new IrqError('EDEADLK', `Interrupt storm on hart ${hart.hartid}: local interrupt ${cause} was taken ${STORM} times and is still pending${last}. Does the driver acknowledge its source?`);
  }
}
