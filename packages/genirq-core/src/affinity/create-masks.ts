import type { Genirq, IrqAffinityDesc } from '@irqchip/irqdesc';
import { CpuMask } from '@irqchip/smp';

/** How a device wants its vectors spread. @kernel irq_affinity */
export interface IrqAffinity {
  /** Vectors at the beginning that are not spread. */
  readonly preVectors?: number;
  /** Vectors at the end that are not spread. */
  readonly postVectors?: number;
  /** Sizes of up to four sets that are spread each on its own. Default: one set of all vectors. */
  readonly calcSets?: (spreadable: number) => readonly number[];
}

const MAX_SETS = 4;

/**
 * Masks for `nvec` vectors: the spread ones are managed and share the possible CPUs evenly, present CPUs first; the others get
 * the default affinity. null when nothing is left to spread.
 * @kernel irq_create_affinity_masks
 */
export function irqCreateAffinityMasks(genirq: Genirq, nvec: number, affinity: IrqAffinity = {}): IrqAffinityDesc[] | null {
  const { preVectors = 0, postVectors = 0 } = affinity;
  const spreadable = Math.max(0, nvec - preVectors - postVectors);
  if (spreadable === 0) return null;
  const sets = affinity.calcSets?.(spreadable) ?? [spreadable];
  if (genirq.smp.diagnostics.warnOnce(sets.length > MAX_SETS, `irq_create_affinity_masks: more than ${MAX_SETS} sets of vectors`)) return null;
  const unmanaged = (): IrqAffinityDesc => ({ mask: genirq.defaultAffinity.clone(), isManaged: false });
  const masks = Array.from({ length: preVectors }, unmanaged);
  for (const size of sets) masks.push(...groupCpusEvenly(genirq, size).map((mask) => ({ mask, isManaged: true })));
  while (masks.length < nvec) masks.push(unmanaged());
  return masks;
}

/**
 * How many vectors between `minVecs` and `maxVecs` are worth having: no more spread ones than possible CPUs; 0 when
 * `minVecs` leaves none.
 * @kernel irq_calc_affinity_vectors
 */
export function irqCalcAffinityVectors(genirq: Genirq, minVecs: number, maxVecs: number, affinity: IrqAffinity = {}): number {
  const reserved = (affinity.preVectors ?? 0) + (affinity.postVectors ?? 0);
  if (reserved > minVecs) return 0;
  const wanted = affinity.calcSets === undefined ? genirq.smp.cpus.possible.weight() : maxVecs - reserved;
  return reserved + Math.min(wanted, maxVecs - reserved);
}

/** @kernel group_cpus_evenly */
function groupCpusEvenly(genirq: Genirq, groups: number): CpuMask[] {
  const { possible, present, nrCpuIds } = genirq.smp.cpus;
  const masks = Array.from({ length: groups }, () => new CpuMask(nrCpuIds));
  const later = [...possible.andNot(present)];
  const start = deal([...possible.and(present)], masks, 0);
  deal(later, masks, start);
  return masks;
}

/** Deals neighbouring CPUs to each mask in turn, from `start` on; returns where to go on. */
function deal(cpus: readonly number[], masks: readonly CpuMask[], start: number): number {
  const groups = Math.min(cpus.length, masks.length);
  let next = 0;
  for (let group = 0; group < groups; group++) {
    const share = Math.ceil((cpus.length - next) / (groups - group));
    for (const cpu of cpus.slice(next, next + share)) masks[(start + group) % masks.length]!.set(cpu);
    next += share;
  }
  return masks.length === 0 ? 0 : (start + groups) % masks.length;
}
