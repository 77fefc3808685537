import type { Genirq, IrqDesc } from '@irqchip/genirq-core';
import type { IpiMessage, RiscvIpi, RiscvIpiTrace } from '@irqchip/riscv';
import type { IpiAccount, IpiTotals } from './ledger.ts';

/**
 * Keeps account of the architecture's messages, whoever carries them, for each message on each CPU apart. A run of its handler
 * serves every send before it; one that no run follows is lost when the machine is at rest, unless its CPU does not take that
 * message at the time. What was sent is heard from the IPI layer; what was handled is read from the interrupt counts of the
 * descriptors.
 */
export class MessageLedger implements RiscvIpiTrace, IpiAccount {
  private readonly descs: readonly IrqDesc[];
  /** By CPU and message. */
  private readonly sent: Int32Array;
  private readonly lost: Int32Array;
  private readonly countBefore: Int32Array;
  private readonly countAtSend: Int32Array;
  /** It was sent, and not yet given up. */
  private readonly awaited: Uint8Array;
  /** It was masked at the start: what came earlier may have a run that no send of this account caused. */
  private readonly maskedBefore: Uint8Array;
  private readonly previous: RiscvIpiTrace | null;

  constructor(genirq: Genirq, private readonly ipi: RiscvIpi) {
    this.descs = ipi.virqs.map((virq) => genirq.irqToDesc(virq)!);
    const slots = genirq.smp.cpus.nrCpuIds * this.descs.length;
    this.sent = new Int32Array(slots);
    this.lost = new Int32Array(slots);
    this.countAtSend = new Int32Array(slots);
    this.awaited = new Uint8Array(slots);
    this.countBefore = Int32Array.from({ length: slots }, (_, slot) => this.count(slot));
    this.maskedBefore = Uint8Array.from({ length: slots }, (_, slot) => Number(this.isMasked(slot)));
    this.previous = ipi.trace;
    ipi.trace = this;
  }

  raise(cpu: number, op: IpiMessage): void {
    const slot = cpu * this.descs.length + op;
    this.sent[slot]!++;
    this.awaited[slot] = 1;
    this.countAtSend[slot] = this.count(slot);
    this.previous?.raise(cpu, op);
  }

  rest(): void {
    for (let slot = 0; slot < this.sent.length; slot++) {
      if (!this.isDue(slot) || this.isMasked(slot)) continue;
      this.lost[slot]!++;
      this.awaited[slot] = 0;
    }
  }

  totals(): IpiTotals {
    const totals = { sent: 0, handled: 0, merged: 0, held: 0, lost: 0, spurious: 0 };
    for (let slot = 0; slot < this.sent.length; slot++) {
      const due = this.isDue(slot);
      const held = due && this.isMasked(slot) ? 1 : 0;
      const lost = this.lost[slot]! + (due ? 1 - held : 0);
      const most = this.sent[slot]! - lost - held;
      const ran = (this.count(slot) - this.countBefore[slot]!) | 0;
      const handled = ran > most ? Math.max(most, ran - this.maskedBefore[slot]!) : ran;
      totals.sent += this.sent[slot]!;
      totals.handled += handled;
      totals.held += held;
      totals.lost += lost;
      if (handled > most) totals.spurious += handled - most;
      else totals.merged += most - handled;
    }
    return totals;
  }

  close(): void { this.ipi.trace = this.previous; }

  private count(slot: number): number { return this.desc(slot).countOn(this.cpu(slot)); }

  /** Sent, and no run since. */
  private isDue(slot: number): boolean { return this.awaited[slot] === 1 && this.count(slot) === this.countAtSend[slot]; }

  private isMasked(slot: number): boolean { return this.desc(slot).percpuEnabled?.test(this.cpu(slot)) !== true; }

  private desc(slot: number): IrqDesc { return this.descs[slot % this.descs.length]!; }

  private cpu(slot: number): number { return Math.floor(slot / this.descs.length); }
}
