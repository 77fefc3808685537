import { SBI_BASE, SBI_ERR, SBI_EXT, SBI_HSM } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { SBI_EXT_MORE, SBI_SPEC_V2_0 } from '../src/registers.ts';
import type { SbiEffects } from './effects.ts';
import { maskIsValid, namesAllHarts, nextBit } from './hart-mask.ts';
import { HartStates } from './hsm.ts';
import { LegacyCalls } from './legacy.ts';
import { FirmwarePort, type FirmwareCalls } from './port.ts';
import type { CallRegisters } from './registers.ts';

/** Extensions that can be left out; BASE goes with `spec`. */
export type SbiExtension = 'TIME' | 'IPI' | 'RFENCE' | 'HSM' | 'SRST' | 'DBCN' | 'LEGACY';

export interface SbiFirmwareOptions {
  readonly hartids: readonly number[];
  /** Default 64. */
  readonly xlen?: 32 | 64;
  /** Which are there. Default: all. */
  readonly extensions?: readonly SbiExtension[];
  /** Default 0x2000000, version 2.0. 1 is v0.1: legacy calls only, not even BASE. */
  readonly spec?: number;
  /** Harts that run from the start. Default: the first. */
  readonly started?: readonly number[];
  /** Whether the PENDING states of HSM last until {@link SbiFirmware.complete}. Default false. */
  readonly deferred?: boolean;
  /** Which addresses a hart may start at. Default: every one. */
  readonly validAddress?: (addr: number) => boolean;
}

const IDS: Readonly<Record<Exclude<SbiExtension, 'LEGACY'>, number>> = {
  TIME: SBI_EXT.TIME, IPI: SBI_EXT.IPI, RFENCE: SBI_EXT.RFENCE, HSM: SBI_EXT.HSM, SRST: SBI_EXT_MORE.SRST, DBCN: SBI_EXT_MORE.DBCN,
};
const ALL: readonly SbiExtension[] = ['TIME', 'IPI', 'RFENCE', 'HSM', 'SRST', 'DBCN', 'LEGACY'];
/** OpenSBI 1.5. */
const IMPLEMENTATION = { id: 1, version: 0x10005 } as const;
const V0_1 = 1;
const TWO_32 = 0x1_0000_0000;
const ALL_ONES_32 = 0xffff_ffff;
const LAST_MACHINE_ID_FID = 6;
const LAST_RFENCE_FID = 6;
const LAST_RESET_TYPE = 2;
const DBCN_WRITE_BYTE = 2;

/** SBI firmware as a supervisor kernel meets it. What it does to the machine goes through {@link SbiEffects}. */
export class SbiFirmware implements FirmwareCalls {
  readonly harts: HartStates;
  private readonly hartids: readonly number[];
  private readonly known: ReadonlySet<number>;
  private readonly xlen: 32 | 64;
  private readonly spec: number;
  private readonly present: ReadonlySet<number>;
  private readonly effects: SbiEffects;
  private readonly legacy: LegacyCalls | null;

  /** @throws IrqError `EINVAL` without harts. */
  constructor(effects: SbiEffects, options: SbiFirmwareOptions) {
    const { hartids, xlen = 64, extensions = ALL, spec = SBI_SPEC_V2_0 } = options;
    if (hartids.length === 0) throw new IrqError('EINVAL', 'Firmware needs at least one hart: give `hartids`.');
    this.effects = effects;
    this.hartids = hartids;
    this.known = new Set(hartids);
    this.xlen = xlen;
    this.spec = spec;
    this.present = new Set(spec === V0_1 ? [] : [SBI_EXT.BASE, ...extensions.flatMap((name) => (name === 'LEGACY' ? [] : [IDS[name]]))]);
    this.legacy = extensions.includes('LEGACY') ? new LegacyCalls(hartids, xlen, effects, this) : null;
    this.harts = new HartStates(hartids, options.started ?? [hartids[0]!], effects, options.deferred ?? false, options.validAddress ?? (() => true));
  }

  /** The port of a fixed hart. */
  forHart(hartid: number): FirmwarePort {
    return this.port(() => hartid);
  }

  /** A port whose calls come from whatever hart `running` names. */
  port(running: () => number): FirmwarePort {
    return new FirmwarePort(this, this.xlen, running);
  }

  /** The hart has reached what its PENDING state announced; see {@link SbiFirmwareOptions.deferred}. */
  complete(hartid: number): void { this.harts.complete(hartid); }

  /** An interrupt is pending and enabled on a suspended hart. IPIs sent through the firmware wake by themselves. */
  wake(hartid: number): void { this.harts.wake(hartid); }

  call(hartid: number, eid: number, fid: number, port: FirmwarePort): number {
    if (eid >= 0 && eid <= SBI_EXT_MORE.LEGACY_SHUTDOWN) return this.legacy === null ? SBI_ERR.NOT_SUPPORTED : this.legacy.call(hartid, eid, port.args);
    if (this.present.has(eid)) {
      if (eid === SBI_EXT.BASE) return this.base(fid, port);
      if (eid === SBI_EXT.HSM && fid === SBI_HSM.HART_GET_STATUS) return this.status(port);
    }
    const error = this.present.has(eid) ? this.act(hartid, eid, fid, port.args) : SBI_ERR.NOT_SUPPORTED;
    // Only now: an effect may have let another hart run, and call.
    port.value = 0;
    return error;
  }

  storeHartMask(hartid: number, lo: number, hi: number): number {
    return this.legacy === null ? 0 : this.legacy.storeHartMask(hartid, lo, hi);
  }

  /** Makes the software interrupt of one hart pending. */
  ipi(hartid: number): void {
    // A hart that is not in supervisor mode has nobody to tell.
    if (!this.harts.isInterruptible(hartid)) return;
    this.effects.pendSoft(hartid);
    this.harts.wake(hartid);
  }

  setTimer(hartid: number, args: CallRegisters): number {
    const lo = args.lo(0) >>> 0;
    const hi = (this.xlen === 32 ? args.lo(1) : args.hi(0)) >>> 0;
    this.effects.setTimer(hartid, lo === ALL_ONES_32 && hi === ALL_ONES_32 ? Infinity : hi * TWO_32 + lo);
    return SBI_ERR.SUCCESS;
  }

  /** Calls without a value. */
  private act(hartid: number, eid: number, fid: number, args: CallRegisters): number {
    switch (eid) {
      case SBI_EXT.IPI: return fid === 0 ? this.sendIpi(args.lo(0), args.hi(0), args.number(1)) : SBI_ERR.NOT_SUPPORTED;
      case SBI_EXT.TIME: return fid === 0 ? this.setTimer(hartid, args) : SBI_ERR.NOT_SUPPORTED;
      case SBI_EXT.RFENCE: return fid >= 0 && fid <= LAST_RFENCE_FID ? this.fence(args.lo(0), args.hi(0), args.number(1)) : SBI_ERR.NOT_SUPPORTED;
      case SBI_EXT.HSM: return this.hsm(hartid, fid, args);
      case SBI_EXT_MORE.SRST: return this.reset(fid, args);
      default: return this.debugConsole(fid, args);
    }
  }

  private base(fid: number, port: FirmwarePort): number {
    const known = fid >= 0 && fid <= LAST_MACHINE_ID_FID;
    // mvendorid, marchid and mimpid stay 0, which stands for "not implemented".
    port.value = 0;
    if (fid === SBI_BASE.GET_SPEC_VERSION) port.value = this.spec;
    else if (fid === SBI_BASE.GET_IMP_ID) port.value = IMPLEMENTATION.id;
    else if (fid === SBI_BASE.GET_IMP_VERSION) port.value = IMPLEMENTATION.version;
    else if (fid === SBI_BASE.PROBE_EXT) port.value = this.has(port.args.number(0)) ? 1 : 0;
    return known ? SBI_ERR.SUCCESS : SBI_ERR.NOT_SUPPORTED;
  }

  private has(eid: number): boolean {
    return this.present.has(eid) || (this.legacy !== null && eid >= 0 && eid <= SBI_EXT_MORE.LEGACY_SHUTDOWN);
  }

  private sendIpi(lo: number, hi: number, base: number): number {
    if (namesAllHarts(base, this.xlen)) {
      for (let i = 0; i < this.hartids.length; i++) this.ipi(this.hartids[i]!);
      return SBI_ERR.SUCCESS;
    }
    // All or nothing: an invalid mask reaches nobody.
    if (!maskIsValid(lo, hi, base, this.xlen, this.known)) return SBI_ERR.INVALID_PARAM;
    for (let bit = nextBit(lo, hi, 0, this.xlen); bit < this.xlen; bit = nextBit(lo, hi, bit + 1, this.xlen)) this.ipi(base + bit);
    return SBI_ERR.SUCCESS;
  }

  /** There are no caches to flush; the mask is checked all the same. */
  private fence(lo: number, hi: number, base: number): number {
    return namesAllHarts(base, this.xlen) || maskIsValid(lo, hi, base, this.xlen, this.known) ? SBI_ERR.SUCCESS : SBI_ERR.INVALID_PARAM;
  }

  private status(port: FirmwarePort): number {
    const state = this.harts.stateOf(port.args.number(0));
    port.value = state ?? 0;
    return state === undefined ? SBI_ERR.INVALID_PARAM : SBI_ERR.SUCCESS;
  }

  private hsm(hartid: number, fid: number, args: CallRegisters): number {
    switch (fid) {
      case SBI_HSM.HART_START: return this.harts.start(args.number(0), args.number(1), args.number(2));
      case SBI_HSM.HART_STOP: return this.harts.stop(hartid);
      // The type is a 32-bit parameter.
      case SBI_HSM.HART_SUSPEND: return this.harts.suspend(hartid, args.lo(0) >>> 0, args.number(1), args.number(2));
      default: return SBI_ERR.NOT_SUPPORTED;
    }
  }

  private reset(fid: number, args: CallRegisters): number {
    if (fid !== 0) return SBI_ERR.NOT_SUPPORTED;
    const type = args.lo(0) >>> 0;
    if (type > LAST_RESET_TYPE) return SBI_ERR.INVALID_PARAM;
    this.effects.reset?.(type, args.lo(1) >>> 0);
    return SBI_ERR.SUCCESS;
  }

  /** Bytes one by one; the calls that pass a buffer are refused, since memory is not simulated. */
  private debugConsole(fid: number, args: CallRegisters): number {
    if (fid < 0 || fid > DBCN_WRITE_BYTE) return SBI_ERR.NOT_SUPPORTED;
    if (fid !== DBCN_WRITE_BYTE) return SBI_ERR.INVALID_PARAM;
    this.effects.console?.(args.lo(0) & 0xff);
    return SBI_ERR.SUCCESS;
  }
}
