import { lineEffects, SbiFirmware } from '@irqchip/drivers-sbi/hardware';
import { SBI_ERR, type DeviceClock, type Harts, type HartLines, type Sbi } from '@irqchip/riscv';
import type { Smp } from '@irqchip/smp';
import { MachineSbi } from './sbi-port.ts';

export interface FirmwareParts {
  readonly smp: Smp;
  readonly harts: Harts;
  readonly lines: HartLines;
  readonly clock: DeviceClock;
  /** A hart was started and runs as this CPU. */
  readonly start: (cpu: number) => void;
}

/** The firmware below a supervisor kernel; a kernel that owns machine mode has none, and every call says so. */
export function makeFirmware({ smp, harts, lines, clock, start }: FirmwareParts): Sbi {
  if (harts.mode === 'M') return { ecall: () => SBI_ERR.NOT_SUPPORTED, value: 0 };
  const firmware = new SbiFirmware(
    {
      ...lineEffects(lines, clock),
      start: (hartid) => start(harts.hartidToCpuid(hartid)),
      stop: () => undefined,
    },
    { hartids: harts.hartids, xlen: harts.xlen },
  );
  return new MachineSbi(smp.cpus, firmware.port(() => harts.cpuidToHartid(smp.cpus.current)));
}
