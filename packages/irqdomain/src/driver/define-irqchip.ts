import { IrqError, type ServiceToken } from '@irqchip/smp';
import type { ProbeContext } from './context.ts';
import type { IrqchipDriver, IrqchipStage } from './token.ts';

/** Tokens as a driver names them. */
export type ServiceTokens = readonly ServiceToken<unknown>[];

/** The services that `T` stands for, in the same order. */
export type ServicesOf<T extends ServiceTokens> = {
  -readonly [K in keyof T]: T[K] extends { readonly __service?: infer S } ? Exclude<S, undefined> : never;
};

export interface IrqchipSpec<T extends ServiceTokens = ServiceTokens> {
  /** Default: the first `compatible`. */
  readonly name?: string;
  readonly compatible: string | readonly string[];
  /** Default `irqchip`. `platform` for a controller that may stand below one of that stage, as a PLIC is; below a hart it is right, too. */
  readonly stage?: IrqchipStage;
  /** Tokens of what the probe function, or the class's constructor, is to be given. */
  readonly services?: T;
}

/** Serves one node; throws to refuse it. */
export type IrqchipProbe<S extends readonly unknown[]> = (ctx: ProbeContext, ...services: S) => unknown;

/** A driver as a class: made afresh for each node. */
export type IrqchipClass<S extends readonly unknown[]> = new (...services: S) => { probe(ctx: ProbeContext): unknown };

/**
 * A driver for the nodes that are `compatible`. The services that `spec` names must fit what the probe function, or the class's
 * constructor, takes: the compiler checks them against each other.
 * @throws IrqError `EINVAL` without a compatible string.
 * @kernel IRQCHIP_DECLARE
 */
export function defineIrqchip(compatible: string | readonly string[], probe: IrqchipProbe<[]>): IrqchipDriver;
export function defineIrqchip<const T extends ServiceTokens = readonly []>(spec: IrqchipSpec<T>, probe: IrqchipProbe<ServicesOf<T>>): IrqchipDriver;
export function defineIrqchip<const T extends ServiceTokens = readonly []>(spec: IrqchipSpec<T>, driver: IrqchipClass<ServicesOf<T>>): IrqchipDriver;
export function defineIrqchip(
  spec: string | readonly string[] | IrqchipSpec, driver: IrqchipProbe<never> | IrqchipClass<never>,
): IrqchipDriver {
  const full: IrqchipSpec = isSpec(spec) ? spec : { compatible: spec };
  const compatible = typeof full.compatible === 'string' ? [full.compatible] : [...full.compatible];
  const first = compatible[0];
  if (first === undefined) throw new IrqError('EINVAL', `${full.name ?? 'An irqchip driver'} names no compatible string, so no node would ever match it.`);
  return Object.freeze({
    name: full.name ?? first,
    compatible: Object.freeze(compatible),
    stage: full.stage ?? 'irqchip',
    services: Object.freeze([...(full.services ?? [])]),
    probe: prober(driver),
  });
}

function isSpec(spec: string | readonly string[] | IrqchipSpec): spec is IrqchipSpec {
  return typeof spec === 'object' && !Array.isArray(spec);
}

function prober(driver: IrqchipProbe<never> | IrqchipClass<never>): IrqchipDriver['probe'] {
  if (isClass(driver)) return (ctx, services) => atOnce(ctx, new driver(...(services as never)).probe(ctx));
  return (ctx, services) => atOnce(ctx, driver(ctx, ...(services as never)));
}

/** A kernel boots on; what an async probe still had to do, or threw, nobody would see. */
function atOnce({ node }: ProbeContext, result: unknown): unknown {
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined);
  throw new IrqError('EINVAL', `${node.path}: its driver's probe is async, and the boot does not wait for it; make it a plain function.`);
}

function isClass(driver: IrqchipProbe<never> | IrqchipClass<never>): driver is IrqchipClass<never> {
  return typeof (driver.prototype as { probe?: unknown } | undefined)?.probe === 'function';
}
