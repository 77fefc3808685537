import type { HardwareTarget, HartLines } from '@irqchip/riscv';

/** The interrupt that a register drives: a line of a hart, or nothing where the device tree names no hart. */
export type Output = HardwareTarget | undefined;

/** No device here has registers for more harts than this. */
export const MAX_HARTS = 4095;

export function drive(lines: HartLines, output: Output, level: boolean): void {
  if (output !== undefined && output.hartid !== null) lines.setLine(output.hartid, output.irq, level);
}
