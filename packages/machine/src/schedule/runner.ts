import { runIrqThreads, runPendingResend, type Genirq, type IrqTrace } from '@irqchip/genirq-core';
import { CpuMask, IrqError, type Cpus, type CpusHooks } from '@irqchip/smp';
import type { AccessMeter } from '../bus/bus.ts';
import type { Hart } from '../hart/hart.ts';
import type { Schedule } from './schedule.ts';

/** So many interrupts in a row, with no task between them, are a storm, where the options say nothing else. */
const STORM = 100_000;

/** Register accesses of one trap, for each interrupt of the limit, that are a storm too: some for each line of the largest controller. */
const ACCESSES = 10;

/** Takes traps, and moves between CPUs when the running one waits or has nothing left to do. */
export class Runner implements CpusHooks, AccessMeter {
  /** Register accesses that the running trap may still make; outside of traps there is no limit. */
  left: number = Infinity;
  /** What the outermost trap was taken for. */
  private cause = 0;
  private lastHandler = '';
  /** CPUs whose hart has something pending and enabled. */
  private readonly ready: CpuMask;
  private readonly spin: number;
  private readonly deliverable: CpuMask;
  private last = 0;
  /** Made once: a CPU is switched to for every interrupt of another one. */
  private readonly deliverHere = (): void => this.deliver();

  constructor(
    private readonly cpus: Cpus,
    private readonly genirq: Genirq,
    private readonly harts: readonly Hart[],
    private readonly schedule: Schedule,
    private readonly limit: number = STORM,
  ) {
    this.spin = ACCESSES * limit;
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
      if (++taken > this.limit) this.storm(hart);
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
      if (steps > this.limit + 64 * this.cpus.nrCpuIds) this.storm(this.harts[this.last]!);
    }
  }

  private trap(hart: Hart): void {
    const { cpus, left } = this;
    cpus.localIrqDisable();
    const cause = hart.cause();
    if (left === Infinity) {
      this.left = this.spin;
      this.cause = cause;
    }
    try {
      this.genirq.handleArchIrq(cause);
    } finally {
      if (left === Infinity) this.left = Infinity;
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

  /** A trap does not end: once more, to see whose handler it runs; then it is a storm. @throws IrqError `EDEADLK` the second time. */
  spent(): void {
    const hart = this.harts[this.cpus.current]!;
    if (this.genirq.trace === this.witness) {
      this.genirq.trace = null;
      throw this.stormError(hart, this.cause, `has been handled with ${2 * this.spin} register accesses and does not come to an end`);
    }
    this.left = this.spin;
    this.watchHandlers();
  }

  private readonly witness: IrqTrace = {
    handlerEntry: (irq, name) => { this.lastHandler = `; the last handler was ${name} of irq ${irq}`; },
    handlerExit: () => undefined,
  };

  private watchHandlers(): void {
    this.lastHandler = '';
    this.genirq.trace = this.witness;
  }

  private storm(hart: Hart): never {
    const cause = hart.cause();
    this.watchHandlers();
    try {
      this.trap(hart);
    } finally {
      this.genirq.trace = null;
    }
    throw this.stormError(hart, cause, `was taken ${this.limit} times and is still pending`);
  }

  private stormError(hart: Hart, cause: number, what: string): IrqError {
    return new IrqError('EDEADLK', `Interrupt storm on hart ${hart.hartid}: local interrupt ${cause} ${what}${this.lastHandler}. Does the driver acknowledge its source?`);
  }
}
