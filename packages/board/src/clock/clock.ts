import type { Clock } from '@irqchip/smp';
import type { DeviceClock } from '@irqchip/riscv';

interface Timer { atNs: number; seq: number; fire: () => void; index: number }

/** Simulated time. It stands still until somebody advances it; timers fire on the way, in order. */
export class MachineClock implements Clock, DeviceClock {
  readonly timebaseHz: number;
  private now = 0;
  private seq = 0;
  private readonly heap: Timer[] = [];

  constructor(timebaseHz: number) { this.timebaseHz = timebaseHz; }

  nowNs(): number { return this.now; }

  /** Calls `fire` when time reaches `ns`, at the next step when it has already. Returns how to cancel. */
  at(ns: number, fire: () => void): () => void {
    const timer: Timer = { atNs: Math.max(ns, this.now), seq: this.seq++, fire, index: this.heap.length };
    this.heap.push(timer);
    this.up(timer);
    return () => this.remove(timer);
  }

  /** When the next timer is due, in ns; Infinity for none. */
  get nextNs(): number { return this.heap[0]?.atNs ?? Infinity; }

  /** Moves to `ns` and fires the timers that are due, one after the other; `after` runs after each. */
  advanceTo(ns: number, after: () => void): void {
    for (let timer = this.heap[0]; timer !== undefined && timer.atNs <= ns; timer = this.heap[0]) {
      this.now = timer.atNs;
      this.remove(timer);
      timer.fire();
      after();
    }
    if (ns > this.now) this.now = ns;
  }

  private before(a: Timer, b: Timer): boolean {
    return a.atNs < b.atNs || (a.atNs === b.atNs && a.seq < b.seq);
  }

  private place(timer: Timer, index: number): void {
    this.heap[index] = timer;
    timer.index = index;
  }

  private up(timer: Timer): void {
    let { index } = timer;
    while (index > 0) {
      const parent = this.heap[(index - 1) >> 1]!;
      if (!this.before(timer, parent)) break;
      this.place(parent, index);
      index = (index - 1) >> 1;
    }
    this.place(timer, index);
  }

  private down(timer: Timer): void {
    let { index } = timer;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && this.before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!this.before(this.heap[child]!, timer)) break;
      this.place(this.heap[child]!, index);
      index = child;
    }
    this.place(timer, index);
  }

  private remove(timer: Timer): void {
    if (timer.index < 0) return;
    const last = this.heap.pop()!;
    if (last !== timer) {
      this.place(last, timer.index);
      this.up(last);
      this.down(last);
    }
    timer.index = -1;
  }
}
