import type { DeviceClock } from '@irqchip/riscv';

interface Alarm { readonly ns: number; readonly fn: () => void }

/** Time as the recording tells it. */
export class RecordedClock implements DeviceClock {
  private now = 0;
  private readonly alarms = new Set<Alarm>();

  constructor(readonly timebaseHz: number) {}

  nowNs(): number { return this.now; }

  at(ns: number, fn: () => void): () => void {
    const alarm = { ns, fn };
    this.alarms.add(alarm);
    return () => void this.alarms.delete(alarm);
  }

  /** Lets time pass; alarms ring in order, each at its own time. */
  advanceTo(ns: number): void {
    for (let due = this.next(ns); due !== null; due = this.next(ns)) {
      this.alarms.delete(due);
      this.now = Math.max(this.now, due.ns);
      due.fn();
    }
    this.now = ns;
  }

  private next(until: number): Alarm | null {
    let first: Alarm | null = null;
    for (const alarm of this.alarms) if (alarm.ns <= until && (first === null || alarm.ns < first.ns)) first = alarm;
    return first;
  }
}
