import {
  dataGetEffectiveAffinityMask, dataUpdateEffectiveAffinity, handleEdgeIrq, handleFasteoiIrq, IRQ_SET_MASK, IRQ_TYPE, IRQCHIP,
  irqdIrqDisabled, setChipHandlerNameLocked, type IrqChip, type IrqData,
} from '@irqchip/genirq-core';
import { IrqError, type CpuMask } from '@irqchip/smp';
import type { Plics } from './plics.ts';
import type { PlicPriv } from './priv.ts';

const privOf = (data: IrqData): PlicPriv => data.chipData as PlicPriv;

/** On every CPU of the effective affinity, which is one. @kernel plic_irq_toggle */
function toggle(plics: Plics, data: IrqData, on: boolean): void {
  const mask = dataGetEffectiveAffinityMask(data);
  for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) plics.handlers[cpu]?.toggle(data.hwirq, on);
}

/** Priority 1: delivered wherever it is enabled. @kernel plic_irq_unmask */
const plicIrqUnmask = (data: IrqData): void => privOf(data).setPriority(data.hwirq, 1);

/** Priority 0: never, on no CPU. @kernel plic_irq_mask */
const plicIrqMask = (data: IrqData): void => privOf(data).setPriority(data.hwirq, 0);

/** Completes on the running CPU. @kernel plic_irq_eoi */
function complete(plics: Plics, { irq, hwirq }: IrqData): void {
  const { cpus, diagnostics } = plics.genirq.smp;
  const handler = plics.handlers[cpus.current] ?? null;
  if (handler === null) {
    diagnostics.warnOnce(true, `irq ${irq} is completed on CPU${cpus.current}, which has no PLIC context.`);
    return;
  }
  const { regs } = handler.plic;
  if (handler.isEnabled(hwirq)) {
    regs.writel(handler.claim, hwirq);
    return;
  }
  // It was disabled or moved while it was handled. The controller drops the completion of a source that is not enabled here,
  // and the source would stay claimed for ever.
  handler.toggle(hwirq, true);
  regs.writel(handler.claim, hwirq);
  handler.toggle(hwirq, false);
}

/** The CPU that takes the interrupt: the first of `mask` with a context, online unless forced; -1 for none. */
function pickCpu({ genirq }: Plics, { lmask }: PlicPriv, mask: CpuMask, force: boolean): number {
  const { online } = genirq.smp.cpus;
  for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
    if (lmask.test(cpu) && (force || online.test(cpu))) return cpu;
  }
  return -1;
}

/** Moves the interrupt to one CPU of `mask`. Mask and priority stay as they are. Throws `EINVAL` for no such CPU. @kernel plic_set_affinity */
function setAffinity(plics: Plics, data: IrqData, mask: CpuMask, force: boolean): number {
  const plic = privOf(data);
  const cpu = pickCpu(plics, plic, mask, force);
  if (cpu < 0) throw new IrqError('EINVAL', `irq ${data.irq} cannot go to CPUs ${mask.toList() || '(none)'}: ${plic.name} has contexts of CPUs ${plic.lmask.toList() || '(none)'}${force ? '' : ', and one of those must be online'}.`);
  toggle(plics, data, false);
  dataUpdateEffectiveAffinity(data, plics.genirq.cpumaskOf(cpu));
  if (!irqdIrqDisabled(data)) toggle(plics, data, true);
  return IRQ_SET_MASK.OK_DONE;
}

/**
 * Chip and flow of a trigger type. A controller that does not tell types apart takes them all, and records none.
 * Throws `EINVAL` for types that a controller with edges does not have.
 * @kernel plic_irq_set_type
 */
function setType(plics: Plics, data: IrqData, type: number): number {
  const plic = privOf(data);
  if (!plic.edges) return IRQ_SET_MASK.OK_NOCOPY;
  if (type === IRQ_TYPE.EDGE_RISING) setChipHandlerNameLocked(data, plics.edgeChip, handleEdgeIrq, null);
  else if (type === IRQ_TYPE.LEVEL_HIGH) setChipHandlerNameLocked(data, plics.levelChip, handleFasteoiIrq, null);
  else throw new IrqError('EINVAL', `irq ${data.irq}: ${plic.name} knows rising edges (1) and high levels (4), not type ${type}.`);
  return IRQ_SET_MASK.OK;
}

/** Both chips of one machine. They have one name, and differ in when they complete. */
export function plicChips(plics: Plics): { readonly level: IrqChip; readonly edge: IrqChip } {
  const common = {
    name: 'SiFive PLIC',
    flags: IRQCHIP.SKIP_SET_WAKE | IRQCHIP.AFFINITY_PRE_STARTUP,
    irqEnable: (data: IrqData): void => {
      toggle(plics, data, true);
      plicIrqUnmask(data);
    },
    irqDisable: (data: IrqData): void => toggle(plics, data, false),
    irqMask: plicIrqMask,
    irqUnmask: plicIrqUnmask,
    irqSetAffinity: (data: IrqData, mask: CpuMask, force: boolean): number => setAffinity(plics, data, mask, force),
    irqSetType: (data: IrqData, type: number): number => setType(plics, data, type),
  };
  const plicIrqEoi = (data: IrqData): void => complete(plics, data);
  return { level: { ...common, irqEoi: plicIrqEoi }, edge: { ...common, irqAck: plicIrqEoi } };
}
