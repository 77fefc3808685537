import { IrqError } from '@irqchip/smp';
import type { IrqDomains } from '../domain/irq-domains.ts';

/** What `fn` gives, or `none` for an IrqError, which is kept for whoever is told no more than that. */
export function orNone<T>(domains: IrqDomains, none: T, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    domains.mappingError = error;
    return none;
  }
}

/**
 * The error to throw when a mapping function has just returned 0: `what` could not be done, and why, in the words of the domain's driver,
 * whose error is the `cause`.
 * @returns IrqError `EINVAL`
 */
export function mappingRefused(domains: IrqDomains, what: string): IrqError {
  const { mappingError: cause } = domains;
  return cause === null ? new IrqError('EINVAL', `${what}; the log says why.`) : new IrqError('EINVAL', `${what}: ${cause.message}`, { cause });
}
