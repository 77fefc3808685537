import { IrqError } from '@irqchip/smp';

/** What an option may be. */
export interface OptionRule {
  /** In words, as they go on after "is": `'boot' or 'all'`. */
  readonly wanted: string;
  fits(value: unknown): boolean;
  /** What else there is to say to a value that does not fit. */
  hint?(value: unknown): string;
}

/** One of these values. */
export function oneOf(...values: readonly (string | number)[]): OptionRule {
  const shown = values.map(show);
  const wanted = [shown.slice(0, -1).join(', '), shown.at(-1)].filter(Boolean).join(' or ');
  return { wanted, fits: (value) => (values as readonly unknown[]).includes(value) };
}

/** One of the words of a union type: all of them are keys here, or it does not compile. */
export function wordOf<T extends string>(words: Readonly<Record<T, true>>): OptionRule { return oneOf(...Object.keys(words)); }

/** A whole number, `least` or more. */
export function wholeFrom(least: number, wanted: string = `a whole number from ${least} on`): OptionRule {
  return { wanted, fits: (value) => Number.isSafeInteger(value) && (value as number) >= least };
}

/** A list of what `each` takes. */
export function listOf(wanted: string, each: (value: unknown) => boolean, hint?: (value: unknown) => string): OptionRule {
  return { wanted, fits: (value) => Array.isArray(value) && value.every(each), ...(hint && { hint }) };
}

/** Any text: of more no rule can judge. */
export function textOf(wanted: string): OptionRule { return { wanted, fits: (value) => typeof value === 'string' }; }

/** A function, or a class. */
export function functionOf(wanted: string): OptionRule { return { wanted, fits: (value) => typeof value === 'function' }; }

/** An object that is no list and has all of `keys`. */
export function objectOf(wanted: string, keys: readonly string[] = []): OptionRule {
  return { wanted, fits: (value) => isObject(value) && !Array.isArray(value) && keys.every((key) => key in value) };
}

/** A switch. */
export const FLAG: OptionRule = { wanted: 'true or false', fits: (value) => typeof value === 'boolean' };

/** Not null, and no function. */
export function isObject(value: unknown): value is object { return typeof value === 'object' && value !== null; }

/**
 * Checks options before anything is made of them; undefined is as good as not said.
 * @param who - what takes them, for messages: `bench`
 * @throws IrqError `EINVAL` for a name that `rules` does not have, naming the nearest, and for a value that its rule does not take, saying which it does.
 */
export function checkOptions(who: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (!isObject(options)) throw new IrqError('EINVAL', `${who}() takes its options as an object, and not ${show(options)}`);
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      const meant = nearest(name, names);
      throw new IrqError('EINVAL', `${who} has no option ${name}${meant === null ? `; it has ${names.join(', ')}` : `: did you mean ${meant}?`}`);
    }
    const { wanted, fits, hint } = rules[name]!;
    if (value !== undefined && !fits(value)) throw new IrqError('EINVAL', `${who}: ${name} is ${wanted}, and not ${show(value)}${hint?.(value) ?? ''}`);
  }
}

/** The name that was meant by a misspelt one; null: none is like it. */
export function nearest(name: string, names: readonly string[]): string | null {
  // Letters that one has and the other has not, so that swapped ones cost nothing.
  const distance = (other: string): number => {
    const rest = [...other.toLowerCase()];
    const foreign = [...name.toLowerCase()].filter((letter) => !rest.includes(letter) || rest.splice(rest.indexOf(letter), 1).length === 0);
    return Math.max(foreign.length, rest.length);
  };
  return names.filter((other) => distance(other) * 3 < name.length).toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** A value as its author would write it, what is long cut short. */
export function show(value: unknown, depth: number = 2): string {
  if (typeof value === 'string') return value.length > 40 ? `a text of ${value.length} letters` : `'${value}'`;
  if (typeof value === 'function') return Function.prototype.toString.call(value).startsWith('class') ? `class ${value.name}` : 'a function';
  if (!isObject(value)) return String(value);
  if (Array.isArray(value)) return depth === 0 || value.length > 4 ? `a list of ${value.length}` : `[${value.map((each) => show(each, depth - 1)).join(', ')}]`;
  const { name } = value.constructor as { readonly name?: string } | undefined ?? {};
  if (name !== undefined && name !== 'Object') return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return depth === 0 || entries.length > 4 || entries.some(([, each]) => typeof each === 'function') ? 'an object' : `{ ${entries.map(([key, each]) => `${key}: ${show(each, depth - 1)}`).join(', ')} }`;
}
