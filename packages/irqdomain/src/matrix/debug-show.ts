import type { CpuMask } from '@irqchip/smp';
import type { IrqMatrix } from './irq-matrix.ts';

/** The kernel indents the table only, and by one column at least. @kernel irq_matrix_debug_show */
export function matrixDebugShow(matrix: IrqMatrix, indent: number, online: CpuMask): string[] {
  const pad = ' '.repeat(Math.max(indent, 1));
  const lines = [
    `Online bitmaps:   ${field(matrix.onlineMaps, 6)}`,
    `Global available: ${field(matrix.globalAvailable, 6)}`,
    `Global reserved:  ${field(matrix.globalReserved, 6)}`,
    `Total allocated:  ${field(matrix.totalAllocated, 6)}`,
    `System: ${matrix.systemMap.weight()}: ${matrix.systemMap.toList()}`,
    `${pad}| CPU | avl | man | mac | act | vectors`,
  ];
  for (let cpu = online.first(); cpu < online.size; cpu = online.next(cpu)) {
    const { available, managed, managedAllocated, allocated, allocMap } = matrix.cpu(cpu);
    lines.push(`${pad} ${field(cpu, 4)}  ${field(available, 4)}  ${field(managed, 4)}  ${field(managedAllocated, 4)} ${field(allocated, 4)}  ${allocMap.toList()}`);
  }
  return lines;
}

function field(value: number, width: number): string {
  return String(value).padStart(width);
}
