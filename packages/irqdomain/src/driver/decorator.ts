import { IrqError } from '@irqchip/smp';
import { defineIrqchip, type IrqchipClass, type IrqchipSpec, type ServicesOf, type ServiceTokens } from './define-irqchip.ts';
import type { IrqchipDriver } from './token.ts';

const DRIVER = Symbol.for('@irqchip/irqdomain/driver');

/** A class under {@link Irqchip}. */
export type DecoratedIrqchip = abstract new (...services: never) => unknown;

/**
 * Class decorator: the same as `defineIrqchip(spec, Class)`, for those who like their drivers as classes. Hand the class itself to
 * `irqchipModule`. Relies on no emitted type metadata.
 */
export function Irqchip<const T extends ServiceTokens = readonly []>(spec: IrqchipSpec<T>): (driver: IrqchipClass<ServicesOf<T>>) => void {
  return (driver) => {
    Object.defineProperty(driver, DRIVER, { value: defineIrqchip(spec, driver), configurable: true });
  };
}

/** The driver that `driver` is, or that its decorator made. @throws IrqError `EINVAL` for a class without {@link Irqchip}. */
export function asIrqchipDriver(driver: IrqchipDriver | DecoratedIrqchip): IrqchipDriver {
  if (typeof driver !== 'function') return driver;
  const found = Object.getOwnPropertyDescriptor(driver, DRIVER)?.value as IrqchipDriver | undefined;
  if (!found) throw new IrqError('EINVAL', `${driver.name} is no irqchip driver: decorate it with @Irqchip({ compatible }), or wrap it in defineIrqchip(spec, ${driver.name}).`);
  return found;
}
