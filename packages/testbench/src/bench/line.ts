import { IRQD, type IrqDesc } from '@irqchip/genirq-core';
import type { Machine } from '@irqchip/machine';
import { IrqError } from '@irqchip/smp';

/** How a line is driven from outside. */
export interface LineDrive {
  raise(): void;
  lower(): void;
  pulse(): void;
}

/** One line of the controller and its interrupt. */
export class BenchLine {
  /** What matchers know it by: Jest may have loaded this module twice. */
  readonly what = 'irqchip line';

  /**
   * @param line - its number at the controller
   * @param irq - its Linux number
   * @param drive - its wire; of a per-CPU line, that of a CPU
   * @param act - drives it, and lets all CPUs run
   * @param recent - what the bench did last, for messages
   * @param flows - how often its flow handler ran
   */
  constructor(
    readonly machine: Machine, readonly line: number, readonly irq: number, private readonly drive: (cpu?: number) => LineDrive, private readonly act: (how: () => void) => void,
    readonly recent: () => string, readonly flows: () => number,
  ) {}

  /** Its descriptor. @throws TypeError after its mapping was disposed of. */
  get desc(): IrqDesc { return this.machine.genirq.irqToDesc(this.irq)!; }

  /** How often its handlers ran, on all CPUs, as /proc/interrupts counts. */
  get fired(): number { return this.firedOn.reduce((sum, count) => sum + count, 0); }

  /** The same by CPU. */
  get firedOn(): number[] { return [...this.machine.smp.cpus.possible].map((cpu) => this.desc.countOn(cpu)); }

  /** IRQD_IRQ_MASKED: what the core believes, not what the controller does. */
  get masked(): boolean { return (this.desc.common.state & IRQD.IRQ_MASKED) !== 0; }

  /** Not IRQD_IRQ_DISABLED */
  get enabled(): boolean { return (this.desc.common.state & IRQD.IRQ_DISABLED) === 0; }

  /** Whether each CPU has it for itself. */
  get percpu(): boolean { return this.desc.percpuEnabled !== null; }

  /** Whether a CPU has enabled it, for a per-CPU line. @kernel percpu_enabled */
  enabledOn(cpu: number): boolean { return this.desc.percpuEnabled?.test(cpu) ?? false; }

  /** The line goes up and stays so, until {@link lower}. @param cpu - of a per-CPU line, whose. @throws IrqError `EINVAL` when that is not said. */
  raise(cpu?: number): void { this.act(() => this.wire(cpu).raise()); }

  lower(cpu?: number): void { this.act(() => this.wire(cpu).lower()); }

  /** Up and down again, with nothing in between. */
  pulse(cpu?: number): void { this.act(() => this.wire(cpu).pulse()); }

  private wire(cpu: number | undefined): LineDrive {
    if (this.percpu === (cpu !== undefined)) return this.drive(cpu);
    const { line } = this;
    throw new IrqError('EINVAL', this.percpu ? `line ${line} is a per-CPU line: say of which CPU, as in pulse(${line}, 0)` : `line ${line} is the same for all CPUs: leave CPU ${cpu} out`);
  }
}

/** A handler of a test. What is no number stands for IRQ_HANDLED. */
export type BenchHandler = (irq: number, request: Requested) => unknown;

/** One requested interrupt. */
export class Requested {
  /** What matchers know it by. */
  readonly what = 'irqchip request';
  /** The CPU of every run of its handler, in order. */
  readonly ranOn: number[] = [];
  /** The same of its thread. */
  readonly threadRanOn: number[] = [];

  constructor(readonly on: BenchLine, readonly name: string, private readonly release: (request: Requested) => void) {}

  get line(): number { return this.on.line; }
  get irq(): number { return this.on.irq; }
  /** How often its handler ran. */
  get fired(): number { return this.ranOn.length; }

  /** Gives it back. Task context. */
  free(): void { this.release(this); }
}
