import type { DeviceClock, HartLines } from '@irqchip/riscv';
import { SbiFirmware, lineEffects, type HartEntry, type SbiEffects, type SbiFirmwareOptions } from '../hardware/index.ts';

/** Local lines of a few harts, with nothing behind them. */
export class FakeLines implements HartLines {
  readonly levels = new Map<string, boolean>();
  setLine(hartid: number, irq: number, level: boolean): void { this.levels.set(`${hartid}.${irq}`, level); }
  pend(hartid: number, irq: number): void { this.levels.set(`${hartid}.${irq}`, true); }
  clearPend(hartid: number, irq: number): void { this.levels.set(`${hartid}.${irq}`, false); }
  isPending(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}.${irq}`) ?? false; }
  attachCsr(): void {}
}

/** A clock that stands still until told. */
export class FakeClock implements DeviceClock {
  readonly timebaseHz = 10_000_000;
  private now = 0;
  private readonly timers = new Set<{ ns: number; fn: () => void }>();

  nowNs(): number { return this.now; }

  at(ns: number, fn: () => void): () => void {
    const timer = { ns, fn };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  advance(ns: number): void {
    this.now += ns;
    for (const timer of [...this.timers].sort((a, b) => a.ns - b.ns)) {
      if (timer.ns > this.now) continue;
      this.timers.delete(timer);
      timer.fn();
    }
  }
}

export interface Bench {
  firmware: SbiFirmware;
  lines: FakeLines;
  clock: FakeClock;
  /** What happened to harts, in order. */
  events: string[];
  entries: HartEntry[];
  output: string[];
}

/** Firmware on fake lines, that records what it does to harts. */
export function bench(options: SbiFirmwareOptions): Bench {
  const lines = new FakeLines();
  const clock = new FakeClock();
  const events: string[] = [];
  const entries: HartEntry[] = [];
  const output: string[] = [];
  const effects: SbiEffects = {
    ...lineEffects(lines, clock),
    start: (hartid, entry) => { events.push(`start ${hartid}`); entries.push(entry); },
    stop: (hartid) => { events.push(`stop ${hartid}`); },
    suspend: (hartid, retentive) => { events.push(`suspend ${hartid} ${retentive ? 'retentive' : 'non-retentive'}`); },
    resume: (hartid) => { events.push(`resume ${hartid}`); },
    reset: (type, reason) => { events.push(`reset ${type} ${reason}`); },
    console: (byte) => { output.push(String.fromCharCode(byte)); },
  };
  return { firmware: new SbiFirmware(effects, options), lines, clock, events, entries, output };
}
