/** What drives lines, per-CPU lines of a CPU; a model that has methods of these names keeps its own. */
export interface LineControls {
  /** A rising and a falling edge. */
  pulse(line: number, cpu?: number): void;
  /** Up, until {@link lower}. */
  hold(line: number, cpu?: number): void;
  lower(line: number, cpu?: number): void;
}

/** The hardware of a bench: its own methods, and {@link LineControls} where it has none of that name. */
export type BenchHardware<H> = H & Omit<LineControls, keyof H>;

/** After every call the running CPU may take an interrupt, as after any access. */
export function benchHardware<H extends object>(hardware: H, controls: LineControls, after: () => void): BenchHardware<H> {
  const own = (key: string | symbol): unknown => Reflect.get(hardware, key, hardware);
  // Not over the hardware itself: it may be frozen.
  return new Proxy({} as BenchHardware<H>, {
    get(_, key) {
      const value = own(key);
      if (value === undefined) return Object.hasOwn(controls, key) ? controls[key as keyof LineControls] : undefined;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, hardware, args);
        after();
        return result;
      };
    },
    set: (_, key, value) => Reflect.set(hardware, key, value, hardware),
    has: (_, key) => key in hardware || key in controls,
  });
}
