import { SBI_ERR, SBI_HSM_STATE } from '@irqchip/riscv';
import { SBI_SUSPEND } from '../src/registers.ts';
import type { HartEntry, SbiEffects } from './effects.ts';

interface Hart {
  state: number;
  /** Where a start or a non-retentive resume leads; null for a retentive one. */
  entry: HartEntry | null;
  /** An interrupt came before the suspend was complete. */
  woken: boolean;
}

/** Harts that an interrupt can reach. */
const INTERRUPTIBLE: ReadonlySet<number> = new Set([
  SBI_HSM_STATE.STARTED, SBI_HSM_STATE.SUSPEND_PENDING, SBI_HSM_STATE.SUSPENDED, SBI_HSM_STATE.RESUME_PENDING,
]);

/**
 * The hart state machine of the HSM extension. With `deferred`, the PENDING states last until {@link complete} is called for
 * the hart; without, each transition is complete when the call is.
 */
export class HartStates {
  private readonly harts = new Map<number, Hart>();
  private readonly effects: SbiEffects;
  private readonly deferred: boolean;
  private readonly validAddress: (addr: number) => boolean;

  constructor(hartids: readonly number[], started: readonly number[], effects: SbiEffects, deferred: boolean, validAddress: (addr: number) => boolean) {
    this.effects = effects;
    this.deferred = deferred;
    this.validAddress = validAddress;
    for (const hartid of hartids) {
      this.harts.set(hartid, { state: started.includes(hartid) ? SBI_HSM_STATE.STARTED : SBI_HSM_STATE.STOPPED, entry: null, woken: false });
    }
  }

  /** undefined for a hart that does not exist. */
  stateOf(hartid: number): number | undefined {
    return this.harts.get(hartid)?.state;
  }

  isInterruptible(hartid: number): boolean {
    return INTERRUPTIBLE.has(this.harts.get(hartid)?.state ?? SBI_HSM_STATE.STOPPED);
  }

  start(hartid: number, addr: number, opaque: number): number {
    const hart = this.harts.get(hartid);
    if (!hart) return SBI_ERR.INVALID_PARAM;
    if (hart.state === SBI_HSM_STATE.STARTED) return SBI_ERR.ALREADY_AVAILABLE;
    if (hart.state !== SBI_HSM_STATE.STOPPED) return SBI_ERR.INVALID_PARAM;
    if (!this.validAddress(addr)) return SBI_ERR.INVALID_ADDRESS;
    hart.entry = entry(hartid, addr, opaque);
    hart.state = SBI_HSM_STATE.START_PENDING;
    if (!this.deferred) this.complete(hartid);
    return SBI_ERR.SUCCESS;
  }

  /** Called by the hart itself. */
  stop(hartid: number): number {
    const hart = this.harts.get(hartid);
    if (hart?.state !== SBI_HSM_STATE.STARTED) return SBI_ERR.FAILED;
    // The effect may unwind the caller: the state is settled before.
    hart.state = this.deferred ? SBI_HSM_STATE.STOP_PENDING : SBI_HSM_STATE.STOPPED;
    this.effects.stop(hartid);
    return SBI_ERR.SUCCESS;
  }

  /** Called by the hart itself. */
  suspend(hartid: number, type: number, addr: number, opaque: number): number {
    const hart = this.harts.get(hartid);
    if (hart?.state !== SBI_HSM_STATE.STARTED) return SBI_ERR.FAILED;
    const retentive = type === SBI_SUSPEND.RETENTIVE;
    if (!retentive && type !== SBI_SUSPEND.NON_RETENTIVE) return SBI_ERR.INVALID_PARAM;
    if (!retentive && !this.validAddress(addr)) return SBI_ERR.INVALID_ADDRESS;
    hart.entry = retentive ? null : entry(hartid, addr, opaque);
    hart.woken = false;
    hart.state = this.deferred ? SBI_HSM_STATE.SUSPEND_PENDING : SBI_HSM_STATE.SUSPENDED;
    this.effects.suspend?.(hartid, retentive);
    return SBI_ERR.SUCCESS;
  }

  /** An interrupt that the hart waits for became pending. Without effect on a hart that is not suspended. */
  wake(hartid: number): void {
    const hart = this.harts.get(hartid);
    if (hart?.state === SBI_HSM_STATE.SUSPEND_PENDING) hart.woken = true;
    if (hart?.state !== SBI_HSM_STATE.SUSPENDED) return;
    hart.state = SBI_HSM_STATE.RESUME_PENDING;
    if (!this.deferred) this.complete(hartid);
  }

  /** The hart has done what its PENDING state announced. Without effect in other states. */
  complete(hartid: number): void {
    const hart = this.harts.get(hartid);
    if (!hart) return;
    switch (hart.state) {
      case SBI_HSM_STATE.STOP_PENDING:
        hart.state = SBI_HSM_STATE.STOPPED;
        break;
      case SBI_HSM_STATE.SUSPEND_PENDING:
        hart.state = SBI_HSM_STATE.SUSPENDED;
        if (hart.woken) this.wake(hartid);
        break;
      case SBI_HSM_STATE.START_PENDING:
      case SBI_HSM_STATE.RESUME_PENDING:
        hart.state = SBI_HSM_STATE.STARTED;
        if (hart.entry !== null) this.effects.start(hartid, hart.entry);
        else this.effects.resume?.(hartid);
        break;
    }
  }
}

function entry(hartid: number, addr: number, opaque: number): HartEntry {
  return { addr, hartid, opaque, satp: 0, sie: 0 };
}
