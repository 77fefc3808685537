import { runAffinityNotify, type Genirq } from '@irqchip/genirq-core';
import type { Smp } from '@irqchip/smp';

/** The boot CPU as it comes from the firmware: alone, interrupts off. @kernel start_kernel (its beginning) */
export function beginEarlyBoot(smp: Smp): void {
  smp.systemState = 'SYSTEM_BOOTING';
  smp.cpus.localIrqDisable();
  smp.cpus.earlyBootIrqsDisabled = true;
}

/**
 * Switches interrupts on, once irqchips and timers are there: what came meanwhile is taken here, if it is still there.
 * @kernel start_kernel (local_irq_enable in it)
 */
export function endEarlyBoot({ cpus, diagnostics }: Smp): void {
  diagnostics.warnOn(!cpus.irqsDisabled(), 'Interrupts were enabled early: a driver of an irqchip or a timer switched them on and left them on.');
  cpus.earlyBootIrqsDisabled = false;
  cpus.localIrqEnable();
}

/** Tasks run from here on, and with them what was put off for them. @kernel rest_init */
export function beginScheduling(smp: Smp, genirq: Genirq): void {
  smp.systemState = 'SYSTEM_SCHEDULING';
  runAffinityNotify(genirq);
}

/** After the initcall of `driver`: interrupts are on again, whatever it did. @kernel do_one_initcall */
export function afterInitcall({ cpus, diagnostics }: Smp, driver: string): void {
  if (!cpus.irqsDisabled()) return;
  cpus.localIrqEnable();
  diagnostics.warnOn(true, `initcall ${driver} returned with disabled interrupts; they are on again. Pair localIrqSave() with localIrqRestore().`);
}
