import { SBI_ERR, SBI_EXT } from '@irqchip/riscv';
import { SBI_EXT_MORE } from '../src/registers.ts';
import type { SbiEffects } from './effects.ts';
import type { CallRegisters } from './registers.ts';

/** What the legacy calls share with their successors. */
export interface LegacyTargets {
  setTimer(hartid: number, args: CallRegisters): number;
  ipi(hartid: number): void;
}

/** Where the hart mask of the first hart lies, as far as addresses go here. */
const MASK_BASE = 0x8000_1000;

/** SBI v0.1: extension ids 0 to 8, no function ids, one result, in a0. */
export class LegacyCalls {
  private readonly masks = new Map<number, [lo: number, hi: number]>();
  private readonly hartids: readonly number[];
  private readonly xlen: 32 | 64;
  private readonly effects: SbiEffects;
  private readonly targets: LegacyTargets;

  constructor(hartids: readonly number[], xlen: 32 | 64, effects: SbiEffects, targets: LegacyTargets) {
    this.hartids = hartids;
    this.xlen = xlen;
    this.effects = effects;
    this.targets = targets;
  }

  call(hartid: number, eid: number, args: CallRegisters): number {
    switch (eid) {
      case SBI_EXT.LEGACY_SET_TIMER: return this.targets.setTimer(hartid, args);
      case SBI_EXT_MORE.LEGACY_CONSOLE_PUTCHAR:
        this.effects.console?.(args.lo(0) & 0xff);
        return SBI_ERR.SUCCESS;
      // Nobody ever types.
      case SBI_EXT_MORE.LEGACY_CONSOLE_GETCHAR: return -1;
      case SBI_EXT.LEGACY_CLEAR_IPI: return this.effects.clearSoft(hartid) ? 1 : 0;
      case SBI_EXT.LEGACY_SEND_IPI: return this.sendIpi(args.number(0));
      case SBI_EXT_MORE.LEGACY_SHUTDOWN:
        this.effects.reset?.(0, 0);
        return SBI_ERR.SUCCESS;
      // Remote fences: there are no caches to flush.
      default: return this.knows(args.number(0)) ? SBI_ERR.SUCCESS : SBI_ERR.INVALID_ADDRESS;
    }
  }

  storeHartMask(hartid: number, lo: number, hi: number): number {
    const address = MASK_BASE + 8 * this.hartids.indexOf(hartid);
    this.masks.set(address, [lo, hi]);
    return address;
  }

  /** Address 0 is every hart. Harts that do not exist are left out. */
  private sendIpi(address: number): number {
    if (!this.knows(address)) return SBI_ERR.INVALID_ADDRESS;
    const mask = this.masks.get(address);
    for (const hartid of this.hartids) {
      if (mask === undefined || this.isNamed(mask, hartid)) this.targets.ipi(hartid);
    }
    return SBI_ERR.SUCCESS;
  }

  private knows(address: number): boolean {
    return address === 0 || this.masks.has(address);
  }

  private isNamed([lo, hi]: readonly [number, number], hartid: number): boolean {
    return hartid < this.xlen && ((hartid < 32 ? lo : hi) & (1 << (hartid & 31))) !== 0;
  }
}
