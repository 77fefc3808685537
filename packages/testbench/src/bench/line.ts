import { IRQD, type IrqDesc } from '@irqchip/genirq-core';
import type { Machine } from '@irqchip/machine';

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
   * @param act - drives it, and lets all CPUs run
   * @param recent - what the bench did last, for messages
   * @param flows - how often its flow handler ran
   */
  constructor(
    readonly machine: Machine, readonly line: number, readonly irq: number, private readonly drive: LineDrive, private readonly act: (how: () => void) => void,
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

  /** The line goes up and stays so, until {@link lower}. */
  raise(): void { this.act(() => this.drive.raise()); }

  lower(): void { this.act(() => this.drive.lower()); }

  /** Up and down again, with nothing in between. */
  pulse(): void { this.act(() => this.drive.pulse()); }
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
