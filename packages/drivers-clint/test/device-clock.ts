import type { DeviceClock } from '@irqchip/riscv';

/** A clock that a test moves. */
export class TestClock implements DeviceClock {
  private now = 0;
  private readonly alarms = new Set<{ ns: number; fn: () => void }>();

  constructor(readonly timebaseHz: number = 10_000_000) {}

  get armed(): number { return this.alarms.size; }

  nowNs(): number { return this.now; }

  at(ns: number, fn: () => void): () => void {
    const alarm = { ns, fn };
    this.alarms.add(alarm);
    return () => void this.alarms.delete(alarm);
  }

  advance(ns: number): void {
    const end = this.now + ns;
    for (;;) {
      const due = [...this.alarms].filter((alarm) => alarm.ns <= end).sort((a, b) => a.ns - b.ns)[0];
      if (!due) break;
      this.alarms.delete(due);
      this.now = Math.max(this.now, due.ns);
      due.fn();
    }
    this.now = end;
  }
}
