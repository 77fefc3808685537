/** The kernel's error codes that this framework can report, with their numbers (include/uapi/asm-generic/errno*.h, include/linux/errno.h). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EAGAIN: 11,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  EDEADLK: 35,
  ENOSYS: 38,
  ENODATA: 61,
  EOVERFLOW: 75,
  EILSEQ: 84,
  EOPNOTSUPP: 95,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  EALREADY: 114,
  ECANCELED: 125,
  EPROBE_DEFER: 517,
  ENOTSUPP: 524,
} as const;

/** Name of a kernel error code, as in `-EINVAL`. */
export type Errno = keyof typeof ERRNO;

/**
 * What the kernel would have returned as a negative errno from a set-up call.
 *
 * `code` is the kernel's name, `errno` its negative number; the message says what failed, where, and what to do.
 */
export class IrqError extends Error {
  override readonly name = 'IrqError';
  readonly code: Errno;

  constructor(code: Errno, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The negative number that the kernel function would have returned, -22 for `EINVAL`. */
  get errno(): number {
    return -ERRNO[this.code];
  }
}

/** Returns the negative errno of `error` if it is an {@link IrqError}, and throws everything else on. */
export function errnoOf(error: unknown): number {
  if (error instanceof IrqError) return error.errno;
  throw error;
}
