import { Spinlock, type Smp } from '@irqchip/smp';
import type { LocalTimer } from '../local-timers.ts';

/** Identity 1 carries the IPIs on every CPU. @kernel IMSIC_IPI_ID */
export const IMSIC_IPI_ID = 1;

/** One identity of one CPU. Fields change under the lock of its CPU's `ImsicLocal`. @kernel imsic_vector */
export class ImsicVector {
  /** The Linux interrupt that it belongs to, 0 for none. */
  irq = 0;
  enable = false;
  /** While an interrupt moves: on the old vector, where to. */
  moveNext: ImsicVector | null = null;
  /** While an interrupt moves: on the new vector, where from; on Linux 6.12 that it moves, by a link to itself. */
  movePrev: ImsicVector | null = null;

  constructor(readonly cpu: number, readonly localId: number) {}
}

/** One CPU's vectors, and which of them its interrupt file does not yet reflect. @kernel imsic_local_priv */
export class ImsicLocal {
  readonly lock: Spinlock;
  /** By identity; 0 is never used. */
  readonly vectors: readonly ImsicVector[];
  /** One bit per identity. */
  readonly dirty: Int32Array;
  /** Synchronises the CPU when nothing else does in the meantime. */
  timer: LocalTimer | null = null;

  constructor(smp: Smp, readonly cpu: number, nrIds: number) {
    this.lock = new Spinlock(smp, `imsic CPU${cpu}`);
    this.vectors = Array.from({ length: nrIds + 1 }, (_, id) => new ImsicVector(cpu, id));
    this.dirty = new Int32Array((nrIds + 1) >>> 5);
  }

  markDirty(id: number): void {
    this.dirty[id >>> 5]! |= 1 << (id & 31);
  }

  markAllDirty(): void { this.dirty.fill(-1); }
}
