import type { IrqDesc, LinuxVersion } from '@irqchip/genirq-core';
import type { CpuMask } from '@irqchip/smp';
import { IPI_NAMES } from './messages.ts';

/**
 * The architecture's rows of /proc/interrupts. Until Linux 7.1 a blank follows the colon when the number column is four or
 * more wide; Linux 7.2 prints none.
 * @kernel show_ipi_stats
 */
export function showIpiStats(descs: readonly (IrqDesc | null)[], online: CpuMask, prec: number, linux: LinuxVersion): string {
  const gap = linux === '6.12' && prec >= 4 ? ' ' : '';
  let text = '';
  for (let i = 0; i < IPI_NAMES.length; i++) {
    text += `${'IPI'.padStart(prec - 1)}${i}:${gap}`;
    for (const cpu of online) text += `${String(descs[i]?.countOn(cpu) ?? 0).padStart(10)} `;
    text += ` ${IPI_NAMES[i]!}\n`;
  }
  return text;
}
