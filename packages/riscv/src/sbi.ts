import { ERRNO, serviceToken, type ServiceToken } from '@irqchip/smp';

/** Extension ids; legacy ones have no function ids. @kernel SBI_EXT_IPI */
export const SBI_EXT = {
  LEGACY_SET_TIMER: 0x0,
  LEGACY_CLEAR_IPI: 0x3,
  LEGACY_SEND_IPI: 0x4,
  LEGACY_REMOTE_FENCE_I: 0x5,
  BASE: 0x10,
  TIME: 0x54494d45,
  IPI: 0x735049,
  RFENCE: 0x52464e43,
  HSM: 0x48534d,
} as const;

/** @kernel SBI_EXT_BASE_* */
export const SBI_BASE = { GET_SPEC_VERSION: 0, GET_IMP_ID: 1, GET_IMP_VERSION: 2, PROBE_EXT: 3 } as const;
/** @kernel SBI_EXT_TIME_SET_TIMER */
export const SBI_TIME_SET_TIMER = 0;
/** @kernel SBI_EXT_IPI_SEND_IPI */
export const SBI_IPI_SEND_IPI = 0;
/** @kernel SBI_EXT_HSM_* */
export const SBI_HSM = { HART_START: 0, HART_STOP: 1, HART_GET_STATUS: 2, HART_SUSPEND: 3 } as const;
/** @kernel SBI_HSM_STATE_* */
export const SBI_HSM_STATE = {
  STARTED: 0, STOPPED: 1, START_PENDING: 2, STOP_PENDING: 3, SUSPENDED: 4, SUSPEND_PENDING: 5, RESUME_PENDING: 6,
} as const;

/** What a call returns as its error. @kernel SBI_SUCCESS */
export const SBI_ERR = {
  SUCCESS: 0,
  FAILED: -1,
  NOT_SUPPORTED: -2,
  INVALID_PARAM: -3,
  DENIED: -4,
  INVALID_ADDRESS: -5,
  ALREADY_AVAILABLE: -6,
  ALREADY_STARTED: -7,
  ALREADY_STOPPED: -8,
  NO_SHMEM: -9,
  INVALID_STATE: -10,
  BAD_RANGE: -11,
  TIMEOUT: -12,
  IO: -13,
  DENIED_LOCKED: -14,
} as const;

/**
 * A call into the firmware from the running hart. Arguments are the registers a0 to a2: whole numbers, exact below 2^53;
 * -1 stands for all ones (`ULONG_MAX`). On RV32 a 64-bit argument takes two registers, low half first.
 */
export interface Sbi {
  /** Returns sbiret.error, an {@link SBI_ERR} value. @kernel sbi_ecall */
  ecall(eid: number, fid: number, a0?: number, a1?: number, a2?: number): number;
  /** sbiret.value of the last call. */
  readonly value: number;
}

/** The firmware's {@link Sbi} in the container; the machine supplies it. A machine without firmware answers NOT_SUPPORTED. */
export const SBI: ServiceToken<Sbi> = serviceToken<Sbi>('riscv', 'Sbi');

const ERRNO_OF = new Map<number, number>([
  [SBI_ERR.SUCCESS, 0],
  [SBI_ERR.DENIED, -ERRNO.EPERM],
  [SBI_ERR.DENIED_LOCKED, -ERRNO.EPERM],
  [SBI_ERR.INVALID_PARAM, -ERRNO.EINVAL],
  [SBI_ERR.INVALID_STATE, -ERRNO.EINVAL],
  [SBI_ERR.BAD_RANGE, -ERRNO.ERANGE],
  [SBI_ERR.INVALID_ADDRESS, -ERRNO.EFAULT],
  [SBI_ERR.NO_SHMEM, -ERRNO.ENOMEM],
  [SBI_ERR.TIMEOUT, -ERRNO.ETIMEDOUT],
  [SBI_ERR.IO, -ERRNO.EIO],
]);

/** The negative errno (0 for success) of an SBI error; what has no counterpart is -ENOTSUPP. @kernel sbi_err_map_linux_errno */
export function sbiErrMapLinuxErrno(error: number): number {
  return ERRNO_OF.get(error) ?? -ERRNO.ENOTSUPP;
}

/**
 * Sets the running hart's timer to the 64-bit tick count `hi:lo` (signed 32-bit patterns); all ones stops it.
 * @kernel sbi_set_timer
 */
export function sbiSetTimer(sbi: Sbi, xlen: 32 | 64, lo: number, hi: number): number {
  if (xlen === 32) return sbi.ecall(SBI_EXT.TIME, SBI_TIME_SET_TIMER, lo, hi);
  const ticks = (lo & hi) === -1 ? -1 : (hi >>> 0) * 0x1_0000_0000 + (lo >>> 0);
  return sbi.ecall(SBI_EXT.TIME, SBI_TIME_SET_TIMER, ticks);
}
