import {
  dataUpdateEffectiveAffinity, IRQ_SET_MASK, IRQCHIP, irqMoveIrq, type Genirq, type IrqChip, type IrqData, type MsiMsg,
} from '@irqchip/genirq-core';
import { CpuMask, IrqError } from '@irqchip/smp';
import type { ImsicState } from './state.ts';
import type { ImsicVector } from './vector.ts';

const TWO_32 = 0x1_0000_0000;

/** The message that makes identity `id` pending on `cpu`. */
function composeMsg(state: ImsicState, cpu: number, id: number): MsiMsg {
  const pa = state.pages[cpu]?.pa ?? 0;
  return { addressLo: pa | 0, addressHi: Math.floor(pa / TWO_32), data: id };
}

/** The outermost chip tells the device. */
function updateMsg(genirq: Genirq, irq: number, msg: MsiMsg): void {
  const top = genirq.irqToDesc(irq)?.irqData;
  top?.chip.irqWriteMsiMsg?.(top, msg);
}

/**
 * Moves an interrupt to a CPU of `dest`.
 * @throws IrqError `EBUSY` while the move before is not complete, `ENOSPC` when no CPU of `dest` has an identity left.
 * @kernel imsic_irq_set_affinity
 */
function setAffinity(genirq: Genirq, state: ImsicState, data: IrqData, dest: CpuMask): number {
  const old = data.chipData as ImsicVector;
  if (dest.test(old.cpu)) return IRQ_SET_MASK.OK_DONE;
  if (old.movePrev !== null) throw new IrqError('EBUSY', `irq ${data.irq}: its move from CPU${old.movePrev.cpu} to CPU${old.cpu} is not complete; try again after the next tick.`);
  const next = state.alloc(old.irq, dest);
  if (next === null) throw new IrqError('ENOSPC', `irq ${data.irq}: no identity is free on CPUs ${dest.toList()}.`);
  // A device that cannot change its message at once is led over the old CPU's page with the new identity: whatever it sends
  // in between lands where the hand-over looks.
  if (next.localId !== old.localId && !state.movesInProcessContext(data.irq)) updateMsg(genirq, data.irq, composeMsg(state, old.cpu, next.localId));
  updateMsg(genirq, data.irq, composeMsg(state, next.cpu, next.localId));
  data.chipData = next;
  dataUpdateEffectiveAffinity(data, CpuMask.of(dest.size, next.cpu));
  state.move(old, next);
  return IRQ_SET_MASK.OK_DONE;
}

/** The old vector's CPU goes offline, and would never let go by itself. @kernel imsic_irq_force_complete_move */
function forceCompleteMove({ smp }: Genirq, state: ImsicState, data: IrqData): void {
  const vector = data.chipData as ImsicVector;
  const old = vector.movePrev;
  if (old === null || old.cpu !== smp.cpus.current) return;
  smp.log.info(`riscv-imsic: IRQ fixup: irq ${data.irq} move in progress, old vector cpu ${old.cpu} local_id ${old.localId}`);
  state.forceMoveCleanup(vector);
}

/** Chip of the base domain: one vector per interrupt, in `chipData`. */
export function imsicBaseChip(genirq: Genirq, state: ImsicState): IrqChip {
  const vectorOf = (data: IrqData): ImsicVector => data.chipData as ImsicVector;
  return {
    name: 'IMSIC',
    flags: IRQCHIP.SKIP_SET_WAKE | IRQCHIP.MASK_ON_SUSPEND,
    // The identity was claimed before the flow began; what is left to do is a move that waits for the arrival.
    irqAck: irqMoveIrq,
    irqMask: (data) => state.setEnabled(vectorOf(data), false),
    irqUnmask: (data) => state.setEnabled(vectorOf(data), true),
    irqRetrigger: (data) => {
      const { cpu, localId } = vectorOf(data);
      state.pages[cpu]?.sendRelaxed(localId);
      // The kernel returns 0 here, which the core reads as "not raised".
      return false;
    },
    irqSetAffinity: (data, dest) => setAffinity(genirq, state, data, dest),
    ...(genirq.linux !== '6.12' && { irqForceCompleteMove: (data: IrqData) => forceCompleteMove(genirq, state, data) }),
    irqComposeMsiMsg: (data, msg) => {
      const { cpu, localId } = vectorOf(data);
      Object.assign(msg, composeMsg(state, cpu, localId));
    },
  };
}
