import { IrqError } from '@irqchip/smp';
import type { Genirq } from '../genirq.ts';
import type { IrqDesc } from './irq-desc.ts';
import { settingsIsPercpuDevid } from './settings.ts';

/** Which interrupts a management call is for. @kernel IRQ_GET_DESC_CHECK_GLOBAL */
export type DescCheck = 'any' | 'global' | 'percpu';

/** The descriptor, unless it does not exist or is not of the kind asked for. */
export function checkedDesc(genirq: Genirq, irq: number, check: DescCheck): IrqDesc | null {
  const desc = genirq.irqToDesc(irq);
  if (desc === null || check === 'any') return desc;
  return settingsIsPercpuDevid(desc) === (check === 'percpu') ? desc : null;
}

/** Runs `fn` with the descriptor's lock held and local interrupts off. */
export function locked<T>(desc: IrqDesc, fn: (desc: IrqDesc) => T): T {
  const flags = desc.lock.lockIrqsave();
  try {
    return fn(desc);
  } finally {
    desc.lock.unlockIrqrestore(flags);
  }
}

/** @kernel chip_bus_lock */
export function chipBusLock(desc: IrqDesc): void {
  const { chip } = desc.irqData;
  if (!chip.irqBusLock) return;
  desc.genirq.smp.mightSleep(`irqBusLock of ${chip.name} for irq ${desc.irq}`);
  chip.irqBusLock(desc.irqData);
}
/** @kernel chip_bus_sync_unlock */
export function chipBusSyncUnlock(desc: IrqDesc): void { desc.irqData.chip.irqBusSyncUnlock?.(desc.irqData); }

/** Runs `fn` under the chip's bus lock. */
export function busLocked<T>(desc: IrqDesc, fn: (desc: IrqDesc) => T): T {
  chipBusLock(desc);
  try {
    return fn(desc);
  } finally {
    chipBusSyncUnlock(desc);
  }
}

/** As {@link locked}, by number; null when there is no such descriptor. @kernel irq_get_desc_lock */
export function withDescLocked<T>(genirq: Genirq, irq: number, check: DescCheck, fn: (desc: IrqDesc) => T): T | null {
  const desc = checkedDesc(genirq, irq, check);
  return desc === null ? null : locked(desc, fn);
}

/** As {@link withDescLocked}, under the bus lock too. @kernel irq_get_desc_buslock */
export function withDescBuslocked<T>(genirq: Genirq, irq: number, check: DescCheck, fn: (desc: IrqDesc) => T): T | null {
  const desc = checkedDesc(genirq, irq, check);
  return desc === null ? null : busLocked(desc, () => locked(desc, fn));
}

/** What a call that needs a descriptor throws without one. */
export function noSuchIrq(irq: number, what: string): IrqError {
  return new IrqError('EINVAL', `${what}: irq ${irq} has no descriptor of the kind that this call works on; allocate it (or map its hwirq) first.`);
}

/** Reports a call that may sleep, where it must not. */
export function mightSleep(genirq: Genirq, what: string): void { genirq.smp.mightSleep(what); }
