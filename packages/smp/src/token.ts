/** A symbol that stands for a service of type `T` in the container: what a driver names to be handed the service. */
export type ServiceToken<T> = symbol & { readonly __service?: T };

/** `Symbol.for('@irqchip/<package>/<Name>')`, typed. */
export function serviceToken<T>(packageName: string, name: string): ServiceToken<T> {
  return Symbol.for(`@irqchip/${packageName}/${name}`);
}
