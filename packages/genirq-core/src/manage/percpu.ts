import {
  type Genirq, IRQ_TYPE, type IrqAction, type IrqDesc, irqdGetTriggerType, IRQF, irqPercpuDisable, irqPercpuEnable, irqProcUpdateValid, IRQS,
  programTriggerType, settingsCanRequest, settingsIsPercpuDevid,
} from '@irqchip/irqdesc';
import { busLocked, checkedDesc, locked, mightSleep, noSuchIrq, withDescLocked } from '@irqchip/irqdesc/internals';
import { IrqError, type CpuMask, type PerCpu } from '@irqchip/smp';
import { unlinkAction } from './free.ts';
import { makeAction } from './request.ts';
import { setupIrq } from './setup.ts';

function requestable(genirq: Genirq, irq: number): IrqDesc {
  const desc = genirq.irqToDesc(irq);
  if (desc === null) throw noSuchIrq(irq, 'requestPercpuIrq');
  if (!settingsCanRequest(desc)) throw new IrqError('EINVAL', `irq ${irq} may not be requested (NOREQUEST): it is a parent of others, or not mapped.`);
  if (!settingsIsPercpuDevid(desc)) throw new IrqError('EINVAL', `irq ${irq} is not a per-CPU interrupt: call setPercpuDevid first, or use requestIrq.`);
  return desc;
}

/**
 * Requests a per-CPU interrupt for the CPUs of `affinity`. Nothing is unmasked: each CPU enables it for itself, with
 * {@link enablePercpuIrq}. Task context.
 * @param percpuDevId - its slot of the running CPU is handed to the handler.
 * @param affinity - null for all possible CPUs; a part of them shares the interrupt with requests for other CPUs, in kernels that can.
 * @throws IrqError `EINVAL` without `percpuDevId`, without a descriptor, for one that may not be requested or is no per-CPU interrupt, and as
 * `requestThreadedIrq`; `EBUSY`, `ENOMEM`, `ENOSYS` as there.
 * @kernel request_percpu_irq_affinity
 */
export function requestPercpuIrqAffinity<T>(genirq: Genirq, irq: number, handler: (irq: number, devId: T) => number, name: string, affinity: CpuMask | null, percpuDevId: PerCpu<T>): void {
  mightSleep(genirq, `requestPercpuIrq(${irq})`);
  if (!percpuDevId) throw new IrqError('EINVAL', `${name} requests per-CPU irq ${irq} without a PerCpu of device ids.`);
  const desc = requestable(genirq, irq);
  genirq.smp.faults.check('irqaction');
  const { possible } = genirq.smp.cpus;
  const action = makeAction(irq, name, handler, IRQF.PERCPU | IRQF.NO_SUSPEND);
  action.percpuDevId = percpuDevId;
  action.affinity = (affinity ?? possible).clone();
  // A second request can only follow where the first left CPUs over.
  if (!possible.isSubsetOf(action.affinity)) action.flags |= IRQF.SHARED;
  setupIrq(desc, action);
}

/** {@link requestPercpuIrqAffinity} for all possible CPUs. @kernel request_percpu_irq */
export function requestPercpuIrq<T>(genirq: Genirq, irq: number, handler: (irq: number, devId: T) => number, name: string, percpuDevId: PerCpu<T>): void {
  requestPercpuIrqAffinity(genirq, irq, handler, name, null, percpuDevId);
}

function findPercpu(desc: IrqDesc, percpuDevId: unknown): IrqAction | null {
  let action = desc.action;
  while (action !== null && action.percpuDevId !== percpuDevId) action = action.next;
  return action;
}

/**
 * Frees a per-CPU interrupt; refused with a warning while a CPU of its request has it enabled. Nothing happens for other interrupts.
 * Task context.
 * @kernel free_percpu_irq
 */
export function freePercpuIrq(genirq: Genirq, irq: number, percpuDevId: PerCpu<unknown>): void {
  const { diagnostics, cpus } = genirq.smp;
  const desc = checkedDesc(genirq, irq, 'percpu');
  if (desc === null) return;
  diagnostics.warnOn(cpus.inHardirq(), `Trying to free IRQ ${irq} from IRQ context!`);
  busLocked(desc, () => locked(desc, () => {
    const action = findPercpu(desc, percpuDevId);
    if (diagnostics.warnOn(action === null, `Trying to free already-free IRQ ${irq}`)) return;
    const enabled = desc.percpuEnabled!.and(action!.affinity!).first();
    if (diagnostics.warnOn(enabled < cpus.nrCpuIds, `percpu IRQ ${irq} still enabled on CPU${enabled}!`)) return;
    unlinkAction(desc, action!);
    desc.istate &= ~IRQS.NMI;
    irqProcUpdateValid(desc);
  }));
}

function enableHere(desc: IrqDesc, requested: number): void {
  const { cpus, diagnostics } = desc.genirq.smp;
  const sense = requested & IRQ_TYPE.SENSE_MASK;
  const type = sense === IRQ_TYPE.NONE ? irqdGetTriggerType(desc.irqData) : sense;
  if (type !== IRQ_TYPE.NONE) {
    try {
      programTriggerType(desc, type);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      diagnostics.warnOn(true, `failed to set type for IRQ${desc.irq}`);
      return;
    }
  }
  irqPercpuEnable(desc, cpus.current);
}

/**
 * Enables a per-CPU interrupt on the calling CPU, with local interrupts off meanwhile. It need not be requested. A type that the chip
 * refuses is a warning, and leaves it off. Nothing happens for other interrupts. Any context; every CPU for itself, typically from a
 * STARTING callback.
 * @param type - IRQ_TYPE_*; NONE for the one recorded.
 * @throws IrqError `EINVAL` for a chip with neither `irqUnmask` nor `irqEnable`.
 * @kernel enable_percpu_irq
 */
export function enablePercpuIrq(genirq: Genirq, irq: number, type: number): void {
  withDescLocked(genirq, irq, 'percpu', (desc) => enableHere(desc, type));
}

/** Disables a per-CPU interrupt on the calling CPU. Nothing happens for other interrupts. Any context. @kernel disable_percpu_irq */
export function disablePercpuIrq(genirq: Genirq, irq: number): void {
  withDescLocked(genirq, irq, 'percpu', (desc) => irqPercpuDisable(desc, genirq.smp.cpus.current));
}

/** Whether the calling CPU has enabled it. @kernel irq_percpu_is_enabled */
export function percpuIsEnabled(genirq: Genirq, irq: number): boolean {
  return withDescLocked(genirq, irq, 'percpu', (desc) => desc.percpuEnabled!.test(genirq.smp.cpus.current)) ?? false;
}
