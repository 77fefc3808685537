import type { CpuMask } from '@irqchip/smp';

/** Decides which CPU runs next. */
export interface Schedule {
  /** One of `ready`, which has at least one member; `last` is the CPU that ran before. */
  next(ready: CpuMask, last: number): number;
}

/** The lowest CPU that can run. */
export class AscendingSchedule implements Schedule {
  next(ready: CpuMask): number { return ready.first(); }
}

/** A small, fast generator of reproducible numbers, 0 … 2^32 - 1 (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) { this.state = seed | 0; }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 … `bound - 1`. */
  below(bound: number): number { return this.next() % bound; }
}

/** Any of the CPUs that can run, as a seed decides: the same seed gives the same run. */
export class SeededSchedule implements Schedule {
  private readonly random: Random;

  constructor(seed: number) { this.random = new Random(seed); }

  next(ready: CpuMask): number {
    let skip = this.random.below(ready.weight());
    let cpu = ready.first();
    while (skip-- > 0) cpu = ready.next(cpu);
    return cpu;
  }
}
