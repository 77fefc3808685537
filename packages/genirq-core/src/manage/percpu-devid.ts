import { IRQ, setStatusFlags, type Genirq } from '@irqchip/irqdesc';
import { noSuchIrq } from '@irqchip/irqdesc/internals';
import { CpuMask, IrqError } from '@irqchip/smp';

/**
 * Turns `irq` into a per-CPU interrupt with a device id a CPU: to be requested with `requestPercpuIrq`, and enabled by each CPU
 * for itself. Once, before it is requested. Task context.
 * @throws IrqError `EINVAL` without a descriptor or when it is one already; `ENOMEM`.
 * @kernel irq_set_percpu_devid
 */
export function setPercpuDevid(genirq: Genirq, irq: number): void {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw noSuchIrq(irq, 'setPercpuDevid');
  if (desc.percpuEnabled) throw new IrqError('EINVAL', `setPercpuDevid: irq ${irq} is a per-CPU interrupt already; call it once.`);
  genirq.smp.faults.check('cpumask');
  desc.percpuEnabled = new CpuMask(genirq.smp.cpus.nrCpuIds);
  setStatusFlags(genirq, irq, IRQ.NOAUTOEN | IRQ.PER_CPU | IRQ.NOTHREAD | IRQ.NOPROBE | IRQ.PER_CPU_DEVID);
}
