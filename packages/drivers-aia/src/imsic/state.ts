import { IRQCHIP, type Genirq } from '@irqchip/genirq-core';
import { IrqMatrix, type FwNode } from '@irqchip/irqdomain';
import { IrqError, lowestBit, Spinlock, type CpuMask } from '@irqchip/smp';
import type { LocalTimers } from '../local-timers.ts';
import type { ImsicGlobalConfig } from './config.ts';
import type { ImsicCsrs } from './csrs.ts';
import type { ImsicPage } from './pages.ts';
import { IMSIC_IPI_ID, ImsicLocal, type ImsicVector } from './vector.ts';

/** Everything that an {@link ImsicState} is made of. */
export interface ImsicParts {
  readonly fwnode: FwNode;
  readonly config: ImsicGlobalConfig;
  readonly pages: readonly (ImsicPage | null)[];
  readonly csrs: ImsicCsrs;
  readonly timers: LocalTimers;
  readonly jiffyNs: number;
  /** Identity 1 is an ordinary one. */
  readonly noipi: boolean;
}

/**
 * Who owns which identity of which CPU, and what the interrupt files shall look like. A file can only be changed by its own
 * CPU, so changes for another CPU are noted and done there: when it next takes an interrupt, or at its next tick.
 * @kernel imsic_priv
 */
export class ImsicState {
  readonly fwnode: FwNode;
  readonly config: ImsicGlobalConfig;
  readonly pages: readonly (ImsicPage | null)[];
  readonly csrs: ImsicCsrs;
  readonly noipi: boolean;
  readonly matrix: IrqMatrix;
  private readonly genirq: Genirq;
  private readonly jiffyNs: number;
  private readonly locals: readonly ImsicLocal[];
  private readonly matrixLock: Spinlock;

  /** @throws IrqError `ENOMEM` */
  constructor(genirq: Genirq, parts: ImsicParts) {
    const { smp } = genirq;
    const { nrCpuIds } = smp.cpus;
    const bits = parts.config.nrIds + 1;
    this.genirq = genirq;
    this.fwnode = parts.fwnode;
    this.config = parts.config;
    this.pages = parts.pages;
    this.csrs = parts.csrs;
    this.noipi = parts.noipi;
    this.jiffyNs = parts.jiffyNs;
    this.matrixLock = new Spinlock(smp, 'imsic matrix');
    smp.faults.check('irq_matrix');
    this.matrix = new IrqMatrix(nrCpuIds, bits, 0, bits, smp.diagnostics);
    this.matrix.assignSystem(0);
    if (!parts.noipi) this.matrix.assignSystem(IMSIC_IPI_ID);
    this.locals = Array.from({ length: nrCpuIds }, (_, cpu) => {
      const local = new ImsicLocal(smp, cpu, parts.config.nrIds);
      local.timer = parts.timers.create(cpu, () => this.syncThisCpu(false));
      return local;
    });
  }

  /** Makes identity `id` pending on `cpu`; nothing happens for a CPU without an interrupt file. Any context. */
  send(cpu: number, id: number): void {
    const page = this.pages[cpu];
    if (page) page.send(id);
  }

  /** The owner of an identity, or null beyond the last. @kernel imsic_vector_from_local_id */
  vectorOf(cpu: number, id: number): ImsicVector | null {
    return this.locals[cpu]!.vectors[id] ?? null;
  }

  /** A free vector on the CPU of `mask` that has most, or null. Any context. @kernel imsic_vector_alloc */
  alloc(irq: number, mask: CpuMask): ImsicVector | null {
    const flags = this.matrixLock.lockIrqsave();
    try {
      const { cpu, bit } = this.matrix.alloc(mask);
      const vector = this.locals[cpu]!.vectors[bit]!;
      vector.irq = irq;
      vector.enable = false;
      vector.moveNext = null;
      vector.movePrev = null;
      return vector;
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      return null;
    } finally {
      this.matrixLock.unlockIrqrestore(flags);
    }
  }

  /** Any context. @kernel imsic_vector_free */
  free(vector: ImsicVector): void {
    const flags = this.matrixLock.lockIrqsave();
    vector.irq = 0;
    this.matrix.free(vector.cpu, vector.localId);
    this.matrixLock.unlockIrqrestore(flags);
  }

  /** Disables or enables a vector: at once on its own CPU, else when that CPU synchronises. Interrupts off. @kernel imsic_vector_mask */
  setEnabled(vector: ImsicVector, enable: boolean): void {
    const local = this.locals[vector.cpu]!;
    if (this.isForeign(vector)) return;
    local.lock.lock();
    vector.enable = enable;
    this.changed(local, vector);
    local.lock.unlock();
  }

  /**
   * Hands an interrupt over from one CPU's vector to another's. The old one is freed when its CPU synchronises; a message that
   * it got in between is raised again at the new one. Any context.
   * @kernel imsic_vector_move
   */
  move(old: ImsicVector, next: ImsicVector): void {
    const { diagnostics } = this.genirq.smp;
    if (diagnostics.warnOnce(old.cpu === next.cpu, 'imsic_vector_move: both vectors are on one CPU')) return;
    if (this.isForeign(old) || this.isForeign(next)) return;
    const enabled = this.moveUpdate(old, false, () => { old.moveNext = next; });
    // Linux 6.12 lets the next move begin when the new CPU has synchronised, whatever the old one did: a message that is still
    // waiting there is then raised at a vector that is gone.
    this.moveUpdate(next, enabled, () => { next.movePrev = this.genirq.linux === '6.12' ? next : old; });
  }

  /**
   * Completes a move on the CPU of the old vector, which goes offline: what came there is raised again at once. (The kernel leaves
   * that, and the link, for when the CPU returns, and frees the vector a second time then.)
   * @kernel imsic_vector_force_move_cleanup
   */
  forceMoveCleanup(vector: ImsicVector): void {
    const local = this.locals[vector.cpu]!;
    const flags = local.lock.lockIrqsave();
    const old = vector.movePrev;
    vector.movePrev = null;
    local.lock.unlockIrqrestore(flags);
    // An old vector that has let go may be somebody else's by now.
    if (old === null || old.moveNext !== vector) return;
    const from = this.locals[old.cpu]!;
    const fromFlags = from.lock.lockIrqsave();
    this.handOver(from, old, vector);
    old.moveNext = null;
    this.free(old);
    from.lock.unlockIrqrestore(fromFlags);
  }

  /** Brings the running CPU's interrupt file up to date, all of it when `all`. Any context. @kernel imsic_local_sync_all */
  syncThisCpu(all: boolean): void {
    const local = this.locals[this.genirq.smp.cpus.current]!;
    const flags = local.lock.lockIrqsave();
    if (all) local.markAllDirty();
    if (!this.sync(local)) this.startTimer(local);
    local.lock.unlockIrqrestore(flags);
  }

  /** The running CPU takes part. @kernel imsic_state_online */
  online(): void {
    const flags = this.matrixLock.lockIrqsave();
    this.matrix.online(this.genirq.smp.cpus.current);
    this.matrixLock.unlockIrqrestore(flags);
  }

  /** The running CPU goes. @kernel imsic_state_offline */
  offline(): void {
    const cpu = this.genirq.smp.cpus.current;
    const flags = this.matrixLock.lockIrqsave();
    this.matrix.offline(cpu);
    this.matrixLock.unlockIrqrestore(flags);
    this.locals[cpu]!.timer!.stop();
  }

  /** Whether the interrupt may move from process context; a chip with MOVE_DEFERRED only at its next arrival. @kernel irq_can_move_in_process_context */
  movesInProcessContext(irq: number): boolean {
    const top = this.genirq.irqToDesc(irq)?.irqData;
    return top === undefined || ((top.chip.flags ?? 0) & IRQCHIP.MOVE_DEFERRED) === 0;
  }

  private moveUpdate(vector: ImsicVector, enable: boolean, link: () => void): boolean {
    const local = this.locals[vector.cpu]!;
    const flags = local.lock.lockIrqsave();
    const enabled = vector.enable;
    vector.enable = enable;
    link();
    this.changed(local, vector);
    local.lock.unlockIrqrestore(flags);
    return enabled;
  }

  /** The lock is what makes the change visible to the target CPU. @kernel __imsic_remote_sync */
  private changed(local: ImsicLocal, vector: ImsicVector): void {
    const { cpus } = this.genirq.smp;
    local.markDirty(vector.localId);
    // Recordings show it done at once also on a CPU that goes offline, while its interrupts are moved away.
    if (local.cpu === cpus.current && this.sync(local)) return;
    // A CPU that is offline synchronises when it comes up.
    if (cpus.online.test(local.cpu)) this.startTimer(local);
  }

  /** At the next tick. @kernel __imsic_local_timer_start */
  private startTimer(local: ImsicLocal): void {
    const now = this.genirq.smp.clock.nowNs();
    local.timer!.start((Math.floor(now / this.jiffyNs) + 1) * this.jiffyNs);
  }

  /** False when some vector has to wait for another CPU. On the CPU of `local`, locked. @kernel __imsic_local_sync */
  private sync(local: ImsicLocal): boolean {
    const { dirty } = local;
    let done = true;
    for (let word = 0; word < dirty.length; word++) {
      for (let rest = dirty[word]!; rest !== 0; rest &= rest - 1) {
        const bit = lowestBit(rest);
        if (this.syncId(local, (word << 5) + bit)) dirty[word]! &= ~(1 << bit);
        else done = false;
      }
    }
    return done;
  }

  private syncId(local: ImsicLocal, id: number): boolean {
    if (id === 0 || (id === IMSIC_IPI_ID && !this.noipi)) return true;
    const vector = local.vectors[id]!;
    if (vector.enable) this.csrs.setEnable(id);
    else this.csrs.clearEnable(id);
    // The new vector keeps its link until the old CPU has let go.
    if (vector.movePrev !== null && vector.movePrev.moveNext !== null) return false;
    vector.movePrev = null;
    if (vector.moveNext !== null) {
      this.handOver(local, vector, vector.moveNext);
      vector.moveNext = null;
      this.free(vector);
    }
    return true;
  }

  /** A message came for the old vector while the device was told of the new one: raise it again there. */
  private handOver(local: ImsicLocal, old: ImsicVector, next: ImsicVector): void {
    const target = this.pages[next.cpu];
    if (!target) return;
    const between = old.localId === next.localId ? null : local.vectors[next.localId]!;
    // A device whose message changes in two steps may have used the old address with the new identity.
    if (between !== null && !this.movesInProcessContext(old.irq) && this.csrs.readClearPending(between.localId)) {
      if (between.enable) this.pages[between.cpu]?.sendRelaxed(between.localId);
      target.sendRelaxed(next.localId);
    }
    if (this.csrs.readClearPending(old.localId)) target.sendRelaxed(next.localId);
  }

  private isForeign(vector: ImsicVector): boolean {
    const foreign = this.locals[vector.cpu]!.vectors[vector.localId] !== vector;
    return this.genirq.smp.diagnostics.warnOnce(foreign, `imsic: vector ${vector.localId} of CPU${vector.cpu} is not one of this IMSIC`);
  }
}
