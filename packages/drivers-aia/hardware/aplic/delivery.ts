import { APLIC } from '../../src/registers.ts';
import type { AplicOptions } from './options.ts';
import type { Sources } from './sources.ts';

/** One hart that the domain delivers to directly. */
class Idc {
  idelivery = 0;
  iforce = 0;
  ithreshold = 0;
  level = false;
  constructor(readonly drive: (level: boolean) => void) {}
}

/** The interrupt delivery control structures of a domain, by hart index (AIA 4.8). */
export class Delivery {
  /** `domaincfg.IE`, in direct delivery mode. */
  on = false;
  private readonly idcs: (Idc | undefined)[] = [];
  private readonly indexes: number[] = [];
  private readonly priorityMask: number;
  private readonly sources: Sources;
  private readonly options: AplicOptions;

  constructor(sources: Sources, priorityMask: number, options: AplicOptions) {
    this.sources = sources;
    this.priorityMask = priorityMask;
    this.options = options;
  }

  add(index: number, drive: (level: boolean) => void): void {
    this.idcs[index] = new Idc(drive);
    this.indexes.push(index);
  }

  /** Structures of indexes without a hart are read-only zero. */
  read(index: number, register: number): number {
    const idc = this.idcs[index];
    if (idc === undefined) return 0;
    switch (register) {
      case APLIC.IDC_IDELIVERY: return idc.idelivery;
      case APLIC.IDC_IFORCE: return idc.iforce;
      case APLIC.IDC_ITHRESHOLD: return idc.ithreshold;
      case APLIC.IDC_TOPI: return this.topi(index);
      case APLIC.IDC_CLAIMI: return this.claim(index, idc);
      default: return 0;
    }
  }

  write(index: number, register: number, value: number): void {
    const idc = this.idcs[index];
    if (idc === undefined) return;
    if (register === APLIC.IDC_IDELIVERY) idc.idelivery = value & 1;
    else if (register === APLIC.IDC_IFORCE) idc.iforce = value & 1;
    else if (register === APLIC.IDC_ITHRESHOLD) idc.ithreshold = value & this.priorityMask;
    else return;
    this.update(index);
  }

  updateAll(): void {
    for (let k = 0; k < this.indexes.length; k++) this.update(this.indexes[k]!);
  }

  /** The line of one hart (AIA 4.8.2). */
  update(index: number): void {
    const idc = this.idcs[index];
    if (idc === undefined) return;
    const level = this.on && idc.idelivery === 1 && (idc.iforce === 1 || this.topi(index) !== 0);
    if (level === idc.level) return;
    idc.level = level;
    idc.drive(level);
  }

  /** Pending, enabled, for this hart, below the threshold: the smallest priority number, then the smallest source (AIA 4.8.1.3, 4.8.1.4). */
  private topi(index: number): number {
    const { sources } = this;
    if (sources.msi) return 0;
    const { ithreshold } = this.idcs[index]!;
    let best = 0;
    let bestPriority = ithreshold === 0 ? this.priorityMask + 1 : ithreshold;
    for (let k = 0; k < sources.words; k++) {
      for (let ready = sources.pendingWord(k) & sources.enabled[k]!; ready !== 0; ready &= ready - 1) {
        const source = (k << 5) + 31 - Math.clz32(ready & -ready);
        const target = sources.target[source]!;
        const priority = target & this.priorityMask;
        if (target >>> APLIC.TARGET_HART_IDX_SHIFT !== index || priority >= bestPriority) continue;
        best = source;
        bestPriority = priority;
      }
    }
    return best === 0 ? 0 : (best << APLIC.IDC_TOPI_ID_SHIFT) | bestPriority;
  }

  /** AIA 4.8.1.5: the same value as `topi`, claimed in the same access; finding nothing ends `iforce`. */
  private claim(index: number, idc: Idc): number {
    const top = this.topi(index);
    if (top !== 0) this.sources.claim(top >>> APLIC.IDC_TOPI_ID_SHIFT);
    else {
      idc.iforce = 0;
      if (this.options.spuriousClaimKeepsLine) return 0;
    }
    this.update(index);
    return top;
  }
}
