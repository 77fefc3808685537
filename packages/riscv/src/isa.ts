import type { IrqchipNode } from '@irqchip/irqdomain';

/**
 * Whether a cpu node lists the multi-letter ISA extension `name` (lower case). `riscv,isa-extensions` counts when it is
 * there, otherwise the `riscv,isa` string.
 * @kernel riscv_isa_extension_available
 */
export function isaHas(cpu: IrqchipNode, name: string): boolean {
  if (cpu.has('riscv,isa-extensions')) return cpu.strings('riscv,isa-extensions').some((ext) => ext.toLowerCase() === name);
  const isa = cpu.string('riscv,isa');
  return isa !== undefined && isa.toLowerCase().split('_').slice(1).some((ext) => ext.replace(/\d+p\d+$/, '') === name);
}
