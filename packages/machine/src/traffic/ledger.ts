import type { Genirq } from '@irqchip/genirq-core';
import type { IpiMux, IpiMuxTrace } from '@irqchip/ipi-mux';

/** How the IPIs of a mux add up. */
export interface IpiTotals {
  /** One for every target CPU of every send. */
  readonly sent: number;
  /** Handler runs. */
  readonly handled: number;
  /** Sends that found their vIPI pending on the target already: one run serves both. */
  readonly merged: number;
  /** Waiting on a CPU on which the vIPI is masked. */
  readonly held: number;
  /** Neither handled, nor merged, nor held. */
  readonly lost: number;
  /** Handler runs that no send accounts for. */
  readonly spurious: number;
}

/**
 * Keeps account of every IPI of one mux. What was sent is heard from the mux; what was handled is read from the interrupt
 * counts of the descriptors, so that the two sides check each other.
 */
export class IpiLedger implements IpiMuxTrace {
  private sent = 0;
  private merged = 0;
  private readonly handledBefore: number;
  private readonly previous: IpiMuxTrace | null;

  constructor(private readonly genirq: Genirq, private readonly mux: IpiMux) {
    this.handledBefore = this.handled() + this.pending(true);
    this.previous = mux.trace;
    mux.trace = this;
  }

  raise(cpu: number, hwirq: number, merged: boolean, rang: boolean): void {
    this.sent++;
    if (merged) this.merged++;
    this.previous?.raise(cpu, hwirq, merged, rang);
  }

  entry(cpu: number, hwirq: number): void { this.previous?.entry(cpu, hwirq); }

  /** The account so far; complete once no CPU has anything left to do. */
  totals(): IpiTotals {
    const handled = this.handled() - this.handledBefore;
    const held = this.pending(false);
    const balance = this.sent - this.merged - handled - held;
    return { sent: this.sent, handled, merged: this.merged, held, lost: Math.max(balance, 0), spurious: Math.max(-balance, 0) };
  }

  /** Stops listening. */
  close(): void { this.mux.trace = this.previous; }

  private handled(): number {
    const { nrCpuIds } = this.genirq.smp.cpus;
    let runs = 0;
    for (let i = 0; i < this.mux.nrIpi; i++) {
      const desc = this.genirq.irqToDesc(this.mux.virq + i);
      for (let cpu = 0; cpu < nrCpuIds; cpu++) runs += desc?.countOn(cpu) ?? 0;
    }
    return runs;
  }

  /** Pending vIPIs: all of them, or those that are masked where they wait. */
  private pending(all: boolean): number {
    const { nrCpuIds } = this.genirq.smp.cpus;
    let waiting = 0;
    for (let cpu = 0; cpu < nrCpuIds; cpu++) {
      for (let i = 0; i < this.mux.nrIpi; i++) if (this.mux.isPending(cpu, i) && (all || !this.mux.isEnabled(cpu, i))) waiting++;
    }
    return waiting;
  }
}
