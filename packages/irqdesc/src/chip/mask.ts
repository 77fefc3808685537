import { IrqError } from '@irqchip/smp';
import { IRQ, IRQCHIP, IRQD } from '../desc/flags.ts';
import type { IrqDesc } from '../desc/irq-desc.ts';
import { irqdClear, irqdIrqDisabled, irqdIrqMasked, irqdSet } from '../desc/irqd.ts';
import { settingsHas } from '../desc/settings.ts';

// All of these run with the descriptor's lock held and interrupts off.

/** Masks the line unless it is masked. Without a callback nothing is done or recorded. @kernel mask_irq */
export function maskIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  if (irqdIrqMasked(data) || !data.chip.irqMask) return;
  data.chip.irqMask(data);
  irqdSet(data, IRQD.IRQ_MASKED);
}

/** Unmasks the line if it is masked. Without a callback nothing is done or recorded. @kernel unmask_irq */
export function unmaskIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  if (!irqdIrqMasked(data) || !data.chip.irqUnmask) return;
  data.chip.irqUnmask(data);
  irqdClear(data, IRQD.IRQ_MASKED);
}

/** Masks and acknowledges, in one go where the chip can. @kernel mask_ack_irq */
export function maskAckIrq(desc: IrqDesc): void {
  const data = desc.irqData;
  if (data.chip.irqMaskAck) {
    data.chip.irqMaskAck(data);
    irqdSet(data, IRQD.IRQ_MASKED);
    return;
  }
  maskIrq(desc);
  data.chip.irqAck?.(data);
}

/** Whether the line is masked only because its handlers ran, and no thread of theirs is left. @kernel cond_unmask_irq */
export function mayUnmaskNow(desc: IrqDesc): boolean {
  return !irqdIrqDisabled(desc.irqData) && irqdIrqMasked(desc.irqData) && desc.threadsOneshot === 0;
}

/** After a thread has done its part. @kernel unmask_threaded_irq */
export function unmaskThreadedIrq(desc: IrqDesc): void {
  const { chip } = desc.irqData;
  if ((chip.flags ?? 0) & IRQCHIP.EOI_THREADED) chip.irqEoi?.(desc.irqData);
  unmaskIrq(desc);
}

/** Lets the line through; `irqEnable` if the chip has it, else unmask. @kernel irq_enable */
export function irqEnable(desc: IrqDesc): void {
  const data = desc.irqData;
  if (!irqdIrqDisabled(data)) return unmaskIrq(desc);
  irqdClear(data, IRQD.IRQ_DISABLED);
  if (!data.chip.irqEnable) return unmaskIrq(desc);
  data.chip.irqEnable(data);
  irqdClear(data, IRQD.IRQ_MASKED);
}

/** Disables, and without an `irqDisable` callback masks only if `mask` says so. @kernel __irq_disable */
export function irqDisableAndMask(desc: IrqDesc, mask: boolean): void {
  const data = desc.irqData;
  if (irqdIrqDisabled(data)) {
    if (mask) maskIrq(desc);
    return;
  }
  irqdSet(data, IRQD.IRQ_DISABLED);
  if (data.chip.irqDisable) {
    data.chip.irqDisable(data);
    irqdSet(data, IRQD.IRQ_MASKED);
  } else if (mask) {
    maskIrq(desc);
  }
}

/** Disables lazily: a chip without `irqDisable` is left unmasked until the next arrival, unless DISABLE_UNLAZY is set. @kernel irq_disable */
export function irqDisable(desc: IrqDesc): void {
  irqDisableAndMask(desc, settingsHas(desc, IRQ.DISABLE_UNLAZY));
}

/** A chip's callbacks reach the registers of the running CPU, and of no other. */
function onWrongCpu(desc: IrqDesc, cpu: number, call: string): void {
  desc.genirq.smp.diagnostics.report('wrong-cpu', `${call} of irq ${desc.irq} for CPU${cpu} runs on CPU${desc.cpus.current}; a per-CPU interrupt is switched by its own CPU.`);
}

/** Enables a per-CPU interrupt on `cpu`, which must be the running one. Throws `EINVAL` if the chip cannot. @kernel irq_percpu_enable */
export function irqPercpuEnable(desc: IrqDesc, cpu: number): void {
  if (cpu !== desc.cpus.current) onWrongCpu(desc, cpu, 'irqPercpuEnable');
  const data = desc.irqData;
  const { chip } = data;
  if (chip.irqEnable) chip.irqEnable(data);
  else if (chip.irqUnmask) chip.irqUnmask(data);
  else throw new IrqError('EINVAL', `irq ${desc.irq} cannot be enabled on CPU${cpu}: chip ${chip.name} has neither irqUnmask nor irqEnable; a per-CPU interrupt needs one.`);
  desc.percpuEnabled!.set(cpu);
}

/** Disables a per-CPU interrupt on `cpu`, which must be the running one. @kernel irq_percpu_disable */
export function irqPercpuDisable(desc: IrqDesc, cpu: number): void {
  if (cpu !== desc.cpus.current) onWrongCpu(desc, cpu, 'irqPercpuDisable');
  const data = desc.irqData;
  if (data.chip.irqDisable) data.chip.irqDisable(data);
  else data.chip.irqMask?.(data);
  desc.percpuEnabled!.clear(cpu);
}
