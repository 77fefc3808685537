import type { HardwareTarget, HartLines } from '@irqchip/riscv';
import type { Sources } from './sources.ts';

/** Local interrupts that a PLIC's wires may end at: SEIP and MEIP. */
const EXTERNAL: readonly number[] = [9, 11];

/** One target of notifications: its enables, its threshold, and its wire to a hart. */
export class Context {
  /** "Interrupt Enables": one bit a source. */
  readonly enable: Int32Array;
  /** "Priority Thresholds". */
  threshold = 0;
  /** The EIP bit of "Interrupt Notifications". */
  private eip = false;
  /** What the hart sees of it. */
  private seen = false;
  private readonly hartid: number | null;
  private readonly irq: number;

  /** @param target - where the wire ends; a context without one has registers all the same. */
  constructor(private readonly sources: Sources, target: HardwareTarget, private readonly lines: HartLines) {
    this.enable = new Int32Array(sources.words);
    this.hartid = EXTERNAL.includes(target.irq) ? target.hartid : null;
    this.irq = target.irq;
  }

  isEnabled(source: number): boolean {
    return ((this.enable[source >>> 5] ?? 0) & (1 << (source & 31))) !== 0;
  }

  /**
   * The enabled pending source of the highest priority above `floor`, the lowest number among equals; else 0.
   * Source: "Interrupt Priorities".
   */
  best(floor: number): number {
    const { pending, claimed, priority } = this.sources;
    let found = 0;
    let highest = floor;
    for (let word = 0; word < pending.length; word++) {
      for (let left = pending[word]! & this.enable[word]! & ~claimed[word]!; left !== 0; left &= left - 1) {
        const source = (word << 5) + 31 - Math.clz32(left & -left);
        if (source <= this.sources.nr && priority[source]! > highest) {
          found = source;
          highest = priority[source]!;
        }
      }
    }
    return found;
  }

  /** Works the notification out anew. @param late - whether its end reaches the hart later, at {@link settle}. */
  update(late: boolean): void {
    this.eip = this.best(this.threshold) !== 0;
    if (this.eip || !late) this.settle();
  }

  /** Lets the hart see the notification as it is now. */
  settle(): void {
    if (this.seen === this.eip) return;
    this.seen = this.eip;
    if (this.hartid !== null) this.lines.setLine(this.hartid, this.irq, this.eip);
  }
}
