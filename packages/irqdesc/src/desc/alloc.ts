import { IrqError, type CpuMask } from '@irqchip/smp';
import { noIrqChip } from '../chip/no-irq-chip.ts';
import { handleBadIrq } from '../flow/bad.ts';
import type { Genirq } from '../genirq.ts';
import { IRQD, IRQS } from './flags.ts';
import { IrqDesc } from './irq-desc.ts';

/** Affinity that an interrupt is born with. @kernel irq_affinity_desc */
export interface IrqAffinityDesc {
  mask: CpuMask;
  /** The core keeps it on these CPUs and shuts it down while none is online. */
  isManaged: boolean;
}

function makeDesc(genirq: Genirq, irq: number, node: number, affinity: IrqAffinityDesc | null): IrqDesc {
  genirq.smp.faults.check('irq_desc');
  const desc = new IrqDesc(genirq, irq, node, affinity?.mask ?? genirq.defaultAffinity, noIrqChip, handleBadIrq);
  desc.istate = IRQS.SYSFS;
  if (affinity) desc.common.state |= IRQD.AFFINITY_SET;
  if (affinity?.isManaged) desc.common.state |= IRQD.AFFINITY_MANAGED | IRQD.MANAGED_SHUTDOWN;
  return desc;
}

function checkRequest(irq: number, from: number, cnt: number, affinity: readonly IrqAffinityDesc[] | null): void {
  if (!Number.isInteger(cnt) || cnt < 1) throw new IrqError('EINVAL', `allocDescs: ${cnt} descriptors were asked for; ask for 1 or more.`);
  if (irq >= 0 && from > irq) throw new IrqError('EINVAL', `allocDescs: irq ${irq} lies below from=${from}; pass from <= irq.`);
  if (affinity && affinity.length < cnt) throw new IrqError('EINVAL', `allocDescs: ${affinity.length} affinity descriptors for ${cnt} interrupts; give one for each.`);
}

/**
 * Allocates `cnt` consecutive descriptors: exactly at `irq` if that is not negative, else the lowest free run at or above
 * `from`. The number space grows as needed. Task context.
 * @param affinity - one entry an interrupt, or null for the default affinity.
 * @returns the first number.
 * @throws IrqError `EINVAL` for `cnt` 0, for `from` above `irq`, or for an empty affinity mask; `EEXIST` when an exact number is
 * taken; `ENOMEM` when numbers or memory run out. Nothing is left behind.
 * @kernel __irq_alloc_descs
 */
export function allocDescs(genirq: Genirq, irq: number, from: number, cnt: number, node: number, affinity: readonly IrqAffinityDesc[] | null = null): number {
  genirq.smp.mightSleep('allocDescs');
  checkRequest(irq, from, cnt, affinity);
  const { descs } = genirq;
  const start = descs.findFreeRun(irq >= 0 ? irq : Math.max(from, 0), cnt);
  if (irq >= 0 && start !== irq) throw new IrqError('EEXIST', `allocDescs: irq ${irq}${cnt > 1 ? `-${irq + cnt - 1}` : ''} is in use; pass -1 for any free number.`);
  descs.expand(start + cnt);
  const empty = affinity?.findIndex((entry, i) => i < cnt && entry.mask.isEmpty()) ?? -1;
  if (empty >= 0) throw new IrqError('EINVAL', `allocDescs: the affinity mask of entry ${empty} is empty; name at least one CPU.`);
  let made = 0;
  try {
    for (; made < cnt; made++) descs.insert(makeDesc(genirq, start + made, node, affinity?.[made] ?? null));
  } catch (error) {
    while (made > 0) descs.remove(start + --made);
    throw error;
  }
  return start;
}

/** One descriptor, the lowest free number. Errors as {@link allocDescs}. @kernel irq_alloc_desc */
export function allocDesc(genirq: Genirq, node: number): number { return allocDescs(genirq, -1, 0, 1, node); }

/** One descriptor with exactly this number. Errors as {@link allocDescs}. @kernel irq_alloc_desc_at */
export function allocDescAt(genirq: Genirq, at: number, node: number): number { return allocDescs(genirq, at, at, 1, node); }

/** One descriptor at or above `from`. Errors as {@link allocDescs}. @kernel irq_alloc_desc_from */
export function allocDescFrom(genirq: Genirq, from: number, node: number): number { return allocDescs(genirq, -1, from, 1, node); }

/** Frees descriptors; a range outside the number space is ignored. Task context. @kernel irq_free_descs */
export function freeDescs(genirq: Genirq, from: number, cnt: number): void {
  const { descs } = genirq;
  genirq.smp.mightSleep(`freeDescs(${from})`);
  if (from < 0 || from >= descs.nrIrqs || from + cnt > descs.nrIrqs) return;
  for (let irq = from; irq < from + cnt; irq++) {
    const desc = descs.get(irq);
    if (!desc) continue;
    // Started by an enable and never requested, it may still wait for a replay: the queue must not keep it.
    genirq.resends.remove(desc);
    descs.remove(irq);
  }
}

/** @kernel irq_free_desc */
export function freeDesc(genirq: Genirq, irq: number): void { freeDescs(genirq, irq, 1); }

/** The descriptor of `irq`, or null. Any context. @kernel irq_to_desc */
export function irqToDesc(genirq: Genirq, irq: number): IrqDesc | null { return genirq.descs.get(irq); }

/** The lowest allocated number at or above `offset`, or `nrIrqs` if there is none. @kernel irq_get_next_irq */
export function getNextIrq(genirq: Genirq, offset: number): number { return genirq.descs.nextIrq(offset); }
