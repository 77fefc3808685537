import { IRQ_HANDLED, irqToDesc, requestIrq } from '@irqchip/genirq-core';
import type { Machine, Wire } from '../../src/index.ts';
import { DEVICE, SENSE } from './board.ts';

/** A level line has up to so much to do before more is merged with it. */
const BACKLOG = 3;

/**
 * One line of the device under load and its handler, each keeping books of its own. The handler serves one thing at a time, and
 * a level stays until all is served or taken back; edges that come before the first one is served are served together.
 */
export class Line {
  readonly irq: number;
  readonly wire: Wire;
  /** What the device asked for, without edges that came together with another and levels that had too much to do. */
  asked = 0;
  /** Came while something else waited. */
  together = 0;
  /** Levels that went away before they were served: each may or may not have been noticed. */
  withdrawn = 0;
  served = 0;
  /** Runs of the handler that found nothing to do. */
  idle = 0;
  /** Asked for and not served yet. */
  owed = 0;
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
    if (this.owed > 0) this.together++;
    if (this.owed < (this.isEdge ? 1 : BACKLOG)) {
      this.asked++;
      this.owed++;
    }
    this.drive(this.active);
    if (this.isEdge) this.rest();
  }

  /** The device changes its mind. Edges cannot be taken back. */
  withdraw(): void {
    if (this.isEdge) return;
    this.withdrawn += this.owed;
    this.owed = 0;
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
    if (this.owed > 0) {
      this.served++;
      if (--this.owed === 0) this.rest();
    } else this.idle++;
    return IRQ_HANDLED;
  }

  private rest(): void { this.drive(!this.active); }

  private drive(high: boolean): void {
    if (high) this.wire.raise();
    else this.wire.lower();
  }
}
