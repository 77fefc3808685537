import type { Genirq } from '@irqchip/genirq-core';
import type { IpiMux, IpiMuxTrace } from '@irqchip/ipi-mux';

/** How the IPIs of a mux add up. */
export interface IpiTotals {
  /** One for every target CPU of every send. */
  readonly sent: number;
  /** Handler runs for these sends. */
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

/** Whoever keeps account of IPIs. */
export interface IpiAccount {
  /** No CPU has anything left to do: what did not arrive by now is lost, whatever comes later. */
  rest?(): void;
  /** The account so far; complete once no CPU has anything left to do. */
  totals(): IpiTotals;
  /** Stops listening. */
  close(): void;
}

/**
 * Keeps account of every IPI of one mux, for each vIPI on each CPU apart: one that is lost here does not make up for one too
 * many there. What was sent is heard from the mux; what was handled is read from the interrupt counts of the descriptors, so
 * that the two sides check each other.
 */
export class IpiLedger implements IpiMuxTrace, IpiAccount {
  private sent = 0;
  private merged = 0;
  /** By CPU and vIPI: handler runs that are due, one for each send that did not merge. */
  private readonly due: Int32Array;
  private readonly countBefore: Int32Array;
  /** What was pending at the start has a run or a wait of its own, which no send of this account caused. */
  private readonly pendingBefore: Uint8Array;
  private readonly nrIpi: number;
  private readonly previous: IpiMuxTrace | null;

  constructor(private readonly genirq: Genirq, private readonly mux: IpiMux) {
    this.nrIpi = mux.nrIpi;
    const slots = genirq.smp.cpus.nrCpuIds * mux.nrIpi;
    this.due = new Int32Array(slots);
    this.countBefore = Int32Array.from({ length: slots }, (_, slot) => this.count(slot));
    this.pendingBefore = Uint8Array.from({ length: slots }, (_, slot) => (this.isPending(slot) ? 1 : 0));
    this.previous = mux.trace;
    mux.trace = this;
  }

  raise(cpu: number, hwirq: number, merged: boolean, rang: boolean): void {
    this.sent++;
    if (merged) this.merged++;
    else this.due[cpu * this.nrIpi + hwirq]!++;
    this.previous?.raise(cpu, hwirq, merged, rang);
  }

  entry(cpu: number, hwirq: number): void { this.previous?.entry(cpu, hwirq); }

  totals(): IpiTotals {
    let handled = 0;
    let held = 0;
    let lost = 0;
    let spurious = 0;
    for (let slot = 0; slot < this.due.length; slot++) {
      const old = this.pendingBefore[slot]!;
      const ran = (this.count(slot) - this.countBefore[slot]!) | 0;
      const runs = ran > 0 ? ran - old : 0;
      const waits = this.isHeld(slot) && (ran > 0 || old === 0) ? 1 : 0;
      const balance = this.due[slot]! - runs - waits;
      handled += runs;
      held += waits;
      if (balance > 0) lost += balance;
      else spurious -= balance;
    }
    return { sent: this.sent, handled, merged: this.merged, held, lost, spurious };
  }

  close(): void { this.mux.trace = this.previous; }

  private count(slot: number): number {
    return this.genirq.irqToDesc(this.mux.virq + (slot % this.nrIpi))?.countOn(Math.floor(slot / this.nrIpi)) ?? 0;
  }

  private isPending(slot: number): boolean { return this.mux.isPending(Math.floor(slot / this.nrIpi), slot % this.nrIpi); }

  private isHeld(slot: number): boolean {
    return this.isPending(slot) && !this.mux.isEnabled(Math.floor(slot / this.nrIpi), slot % this.nrIpi);
  }
}
