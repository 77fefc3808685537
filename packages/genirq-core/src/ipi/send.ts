import type { Genirq, IrqDesc } from '@irqchip/irqdesc';
import { IrqError, type CpuMask } from '@irqchip/smp';
import { isIpiPerCpu } from './domain.ts';

/**
 * Sends an IPI to one CPU, after checking that it may. For drivers, any context.
 * @returns 0.
 * @throws IrqError `EINVAL`, and one warning a machine, when `virq` does not exist, its chip sends no IPIs, or `cpu` is not in
 * the interrupt's affinity mask, which is `irqaffinity=` unless the IPI was reserved.
 * @kernel ipi_send_single
 */
export function ipiSendSingle(genirq: Genirq, virq: number, cpu: number): number {
  const desc = genirq.irqToDesc(virq);
  const why = refusal(desc, null, cpu);
  if (why !== null) refuse(genirq, 'ipi_send_single', virq, why);
  return rawIpiSendSingle(desc!, cpu);
}

/**
 * Sends an IPI to every CPU of `dest`, after checking that it may.
 * @returns 0.
 * @throws IrqError `EINVAL` as {@link ipiSendSingle}; no CPU gets it then.
 * @kernel ipi_send_mask
 */
export function ipiSendMask(genirq: Genirq, virq: number, dest: CpuMask): number {
  const desc = genirq.irqToDesc(virq);
  const why = refusal(desc, dest, 0);
  if (why !== null) refuse(genirq, 'ipi_send_mask', virq, why);
  return rawIpiSendMask(desc!, dest);
}

/**
 * Sends an IPI to one CPU unchecked: for architecture code that owns the interrupt. Any context.
 * @returns 0.
 * @kernel __ipi_send_single
 */
export function rawIpiSendSingle(desc: IrqDesc, cpu: number): number {
  const data = desc.irqData;
  const { chip } = data;
  if (chip.ipiSendSingle === undefined) {
    chip.ipiSendMask!(data, desc.genirq.cpumaskOf(cpu));
    return 0;
  }
  const own = isIpiPerCpu(data.domain) ? desc.genirq.irqToDesc(desc.irq + cpu - data.common.ipiOffset)!.irqData : data;
  chip.ipiSendSingle(own, cpu);
  return 0;
}

/**
 * Sends an IPI to every CPU of `dest`, ascending where the chip takes one at a time; unchecked. Any context.
 * @returns 0.
 * @kernel __ipi_send_mask
 */
export function rawIpiSendMask(desc: IrqDesc, dest: CpuMask): number {
  const data = desc.irqData;
  const { chip } = data;
  if (chip.ipiSendMask !== undefined) {
    chip.ipiSendMask(data, dest);
    return 0;
  }
  if (isIpiPerCpu(data.domain)) {
    const base = desc.irq - data.common.ipiOffset;
    for (let cpu = dest.first(); cpu < dest.size; cpu = dest.next(cpu)) chip.ipiSendSingle!(desc.genirq.irqToDesc(base + cpu)!.irqData, cpu);
  } else {
    for (let cpu = dest.first(); cpu < dest.size; cpu = dest.next(cpu)) chip.ipiSendSingle!(data, cpu);
  }
  return 0;
}

/** Why the IPI may not be sent, or null. @kernel ipi_send_verify */
function refusal(desc: IrqDesc | null, dest: CpuMask | null, cpu: number): string | null {
  if (desc === null) return 'it is not allocated';
  const { chip, common } = desc.irqData;
  if (chip.ipiSendSingle === undefined && chip.ipiSendMask === undefined) return `its chip ${chip.name} sends no IPIs`;
  if (cpu < 0 || cpu >= desc.genirq.smp.cpus.nrCpuIds) return `there is no CPU ${cpu}`;
  const allowed = dest === null ? common.affinity.test(cpu) : dest.isSubsetOf(common.affinity);
  return allowed ? null : `CPUs ${dest?.toList() ?? cpu} are not all in its affinity mask ${common.affinity.toList()}`;
}

function refuse(genirq: Genirq, symbol: string, virq: number, why: string): never {
  genirq.smp.diagnostics.warnOnce(true, `${symbol}: an IPI was refused`);
  throw new IrqError('EINVAL', `irq ${virq} cannot be sent as an IPI: ${why}.`);
}
