import { IRQ_HANDLED, irqToDesc, requestIrq } from '@irqchip/genirq-core';
import type { Machine, Wire } from '../../src/index.ts';
import { DEVICE, SENSE } from './board.ts';

/**
 * One line of the device under load and its handler, each keeping books of its own. A level stays until it is served or taken
 * back; edges that come before the first one is served are served together.
 */
export class Line {
  readonly irq: number;
  readonly wire: Wire;
  /** What the device asked for, merged ones not counted. */
  asked = 0;
  merged = 0;
  /** Levels that went away before they were served: each may or may not have been noticed. */
  withdrawn = 0;
  served = 0;
  /** Runs of the handler that found nothing to do. */
  idle = 0;
  owed = false;
  private readonly active: boolean;
  private readonly isEdge: boolean;

  constructor(private readonly machine: Machine, index: number, sense: number) {
    this.irq = machine.irqOf(DEVICE, index);
    this.wire = machine.wire(DEVICE, index);
    this.isEdge = sense === SENSE.RISING || sense === SENSE.FALLING;
    this.active = sense === SENSE.RISING || sense === SENSE.HIGH;
    this.rest();
    requestIrq(machine.genirq, this.irq, () => this.handle(), 0, `line${index}`, this);
  }

  /** The device wants attention. */
  ask(): void {
    if (this.owed) this.merged++;
    else this.asked++;
    this.owed = true;
    this.drive(this.active);
    if (this.isEdge) this.rest();
  }

  /** The device changes its mind. Edges cannot be taken back. */
  withdraw(): void {
    if (this.isEdge || !this.owed) return;
    this.owed = false;
    this.withdrawn++;
    this.rest();
  }

  /** How often the interrupt was counted, on all CPUs. */
  counted(): number {
    const desc = irqToDesc(this.machine.genirq, this.irq)!;
    let sum = 0;
    for (const cpu of this.machine.smp.cpus.possible) sum += desc.countOn(cpu);
    return sum;
  }

  private handle(): number {
    if (this.owed) {
      this.served++;
      this.owed = false;
      this.rest();
    } else this.idle++;
    return IRQ_HANDLED;
  }

  private rest(): void { this.drive(!this.active); }

  private drive(high: boolean): void {
    if (high) this.wire.raise();
    else this.wire.lower();
  }
}
