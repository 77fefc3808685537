import { Cpus } from './cpus.ts';
import { Diagnostics } from './diagnostics.ts';
import { AllocFaults } from './faults.ts';
import { LocalMemory } from './local-memory.ts';
import { Log } from './log.ts';
import type { Memory } from './memory.ts';
import { serviceToken, type ServiceToken } from './token.ts';

/** Simulated time. */
export interface Clock {
  /** ns since power-on. @kernel ktime_get */
  nowNs(): number;
  /** Calls `fn` once when time reaches `ns` (absolute); returns how to cancel. A clock without it is driven by its owner. */
  at?(ns: number, fn: () => void): () => void;
}

export interface SmpOptions {
  /** How many CPU numbers there are, 1 to 4,096. */
  nrCpus: number;
  /** Default: {@link LocalMemory}. */
  memory?: Memory;
  /** Default: a clock that stands at 0. */
  clock?: Clock;
}

/** What every room of one machine shares: its CPUs, memory, time, log, diagnostics and fault injection. */
export class Smp {
  readonly cpus: Cpus;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly log: Log;
  readonly diagnostics: Diagnostics;
  readonly faults: AllocFaults = new AllocFaults();

  constructor({ nrCpus, memory = new LocalMemory(), clock = { nowNs: () => 0 } }: SmpOptions) {
    const cpus = new Cpus(nrCpus);
    this.cpus = cpus;
    this.memory = memory;
    this.clock = clock;
    this.log = new Log(() => clock.nowNs());
    this.diagnostics = new Diagnostics(() => cpus.current);
  }
}

/** The machine's {@link Smp} in the container. */
export const SMP: ServiceToken<Smp> = serviceToken<Smp>('smp', 'Smp');
