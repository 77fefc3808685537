import { IrqError } from '@irqchip/smp';

/** What a location is: a word of memory, or a register of a device. */
export type LocationKind = 'memory' | 'io';

/** The locations of one exploration: every replay makes the same ones, in the same order, with the same initial values. */
export class Registry {
  readonly names: string[] = [];
  readonly kinds: LocationKind[] = [];
  /** Initial values; grows as locations appear. */
  readonly init: number[] = [];
  /** Places in the code, by where they are in what runs. */
  readonly places: Map<string, string | null> = new Map<string, string | null>();
  private readonly index = new Map<string, number>();

  /** The location of that name, made when first asked for. @throws IrqError `EINVAL` when it begins otherwise than before. */
  locate(name: string, kind: LocationKind, initial: number): number {
    const known = this.index.get(name);
    if (known !== undefined) {
      if (this.init[known] !== initial) throw notTheSame(`${name} begins as ${this.init[known]} in one run and as ${initial} in another`);
      return known;
    }
    this.index.set(name, this.names.length);
    this.names.push(name);
    this.kinds.push(kind);
    return this.init.push(initial) - 1;
  }

  /** -1 for a location that nobody has touched. */
  find(name: string): number { return this.index.get(name) ?? -1; }
}

/** Code under check must do the same thing whenever its reads return the same values. */
export function notTheSame(what: string): IrqError {
  return new IrqError('EINVAL', `The scene is not deterministic: ${what}. Everything it uses must be made in setup(), without clocks, chance or state from outside.`);
}
