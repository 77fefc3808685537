import { Timebase, type DeviceClock, type HartLines } from '@irqchip/riscv';

/** With what a hart enters supervisor mode. */
export interface HartEntry {
  /** Where it starts. */
  readonly addr: number;
  /** Register a0. */
  readonly hartid: number;
  /** Register a1. */
  readonly opaque: number;
  /** Paging is off. */
  readonly satp: 0;
  /** sstatus.SIE: interrupts are off. */
  readonly sie: 0;
}

/** What the firmware does to the machine. Harts are named by hartid. */
export interface SbiEffects {
  /** Sets SSIP of a hart; it stays until software clears it. */
  pendSoft(hartid: number): void;
  /** Clears SSIP of a hart; returns whether it was set. */
  clearSoft(hartid: number): boolean;
  /** Arms the timer of a hart: STIP rises when `time` reaches `ticks` (Infinity: never), and falls until then. */
  setTimer(hartid: number, ticks: number): void;
  /** The hart shall begin to run at `entry`: after a start, or after a non-retentive suspend. */
  start(hartid: number, entry: HartEntry): void;
  /** The hart shall leave supervisor mode. May unwind the caller by throwing: a stop that succeeds does not return. */
  stop(hartid: number): void;
  /** The hart shall wait; its state is kept when `retentive`. */
  suspend?(hartid: number, retentive: boolean): void;
  /** The hart goes on behind its suspend call. */
  resume?(hartid: number): void;
  /** System reset (SRST, or the legacy shutdown with type 0 and reason 0). */
  reset?(type: number, reason: number): void;
  /** One byte for the debug console. */
  console?(byte: number): void;
}

const SSIP = 1;
const STIP = 5;

/** The interrupt and timer effects on hart lines and a clock; the machine adds what starts and stops harts. */
export function lineEffects(lines: HartLines, clock: DeviceClock): Pick<SbiEffects, 'pendSoft' | 'clearSoft' | 'setTimer'> {
  const timebase = new Timebase(clock.timebaseHz);
  const armed = new Map<number, () => void>();
  return {
    pendSoft: (hartid) => lines.pend(hartid, SSIP),
    clearSoft: (hartid) => {
      const was = lines.isPending(hartid, SSIP);
      lines.clearPend(hartid, SSIP);
      return was;
    },
    setTimer: (hartid, ticks) => {
      armed.get(hartid)?.();
      armed.delete(hartid);
      const due = timebase.ticksAt(clock.nowNs()) >= ticks;
      lines.setLine(hartid, STIP, due);
      if (due || !Number.isSafeInteger(ticks)) return;
      armed.set(hartid, clock.at(timebase.nsAt(ticks), () => {
        armed.delete(hartid);
        lines.setLine(hartid, STIP, true);
      }));
    },
  };
}
