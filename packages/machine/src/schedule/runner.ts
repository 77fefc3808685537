import { flowSymbol, IRQD, IRQS, runIrqThreads, runPendingResend, type Genirq, type IrqDesc, type IrqTrace } from '@irqchip/genirq-core';
import type { Schedule } from '@irqchip/board';
import type { AccessMeter, Hart } from '@irqchip/board/internals';
import { CpuMask, IrqError, type Cpus, type CpusHooks } from '@irqchip/smp';

/**
 * So many interrupts in a row, with no task between them, are a storm, where the options say nothing else; those that nobody
 * handles have as many whatever they say, because then the kernel switches them off (note_interrupt).
 */
const STORM = 100_000;

/** Register accesses of one trap, for each interrupt of the limit, that are a storm too: some for each line of the largest controller. */
const ACCESSES = 10;

/** Local interrupts that a controller raises, by the kernel's mode. */
const EXTERNAL: ReadonlySet<number> = new Set([9, 11]);

/** Takes traps, and moves between CPUs when the running one waits or has nothing left to do. */
export class Runner implements CpusHooks, AccessMeter {
  /** Register accesses that the running trap may still make; outside of traps there is no limit. */
  left: number = Infinity;
  /** Names of what is wired to a local interrupt of a hart; set once the board is known. */
  sources: (hartid: number, cause: number) => readonly string[] = () => [];
  /** What the outermost trap was taken for. */
  private cause = 0;
  private lastHandler = '';
  private lastIrq = 0;
  /** So many register accesses the running trap was given. */
  private granted = 0;
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
    let [taken, limit] = [0, this.limit];
    while ((hart.ip & hart.ie) !== 0 && !hart.halted && !cpus.irqsDisabled()) {
      if (++taken > limit) {
        if (limit >= STORM || !this.isUncared()) this.storm(hart, limit);
        limit = STORM;
      }
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
      this.left = this.granted = this.spin;
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
    if (this.granted === this.spin && this.limit < STORM && this.isUncared()) return this.grant(2 * ACCESSES * STORM);
    if (this.genirq.trace === this.witness) {
      this.genirq.trace = null;
      throw this.stormError(hart, this.cause, `has been handled with ${this.granted} register accesses and does not come to an end`);
    }
    this.grant(this.spin);
    this.watchHandlers();
  }

  private grant(accesses: number): void {
    this.left = accesses;
    this.granted += accesses;
  }

  private readonly witness: IrqTrace = {
    handlerEntry: (irq, name) => {
      this.lastHandler = `; the last handler was ${name} of irq ${irq}`;
      this.lastIrq = irq;
    },
    handlerExit: () => undefined,
  };

  private watchHandlers(): void {
    this.lastHandler = '';
    this.genirq.trace = this.witness;
  }

  /** Whether what comes again and again is an interrupt that the kernel is about to switch off: much of it was handled by nobody. */
  private isUncared(): boolean {
    for (const { irqsUnhandled } of this.genirq.descs) if (irqsUnhandled > this.limit / 4) return true;
    return false;
  }

  private storm(hart: Hart, limit: number = this.limit): never {
    const cause = hart.cause();
    this.watchHandlers();
    try {
      this.trap(hart);
    } finally {
      this.genirq.trace = null;
    }
    throw this.stormError(hart, cause, `was taken ${limit} times and is still pending`);
  }

  private stormError(hart: Hart, cause: number, what: string): IrqError {
    const from = this.sources(hart.hartid, cause).join(', ');
    const local = `local interrupt ${cause}${EXTERNAL.has(cause) ? ' (external)' : ''}${from && `, from ${from},`}`;
    return new IrqError('EDEADLK', `Interrupt storm on hart ${hart.hartid}: ${local} ${what}${this.lastHandler}. ${this.suspicion()}`);
  }

  /** What such a trap is mostly due to, from what it did. */
  private suspicion(): string {
    if (this.lastHandler !== '') {
      const desc = this.genirq.irqToDesc(this.lastIrq);
      return desc !== null && flowSymbol(desc.handleIrq) === 'handle_edge_irq' ? 'Does irqAck clear what it is told of?' : 'Does the handler make its device let go of the line, and the driver clear what its controller remembers?';
    }
    const held = [...this.genirq.descs].find(isHeldBack);
    if (held !== undefined) return `No handler ran: irq ${held.irq} (${held.irqData.chip.name}, line ${held.irqData.hwirq}) is disabled, and asks for more. Does irqMask hold it back?`;
    return 'No handler ran. Does the chained handler find the line that asks, and has that line been mapped and requested? If nobody requested it, what switched it on: does the driver mask every line at probe, and irqUnmask one only?';
  }
}

/** Came, and must not be handled. */
function isHeldBack({ istate, common: { state } }: IrqDesc): boolean {
  return (istate & IRQS.PENDING) !== 0 && (state & IRQD.IRQ_DISABLED) !== 0;
}
