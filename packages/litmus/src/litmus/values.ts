import { Refused } from '../program/recorder.ts';
import type { Expression, LitmusTest } from './test-file.ts';

/** Addresses are numbers from here on, so that they are told from integers. */
const ADDRESS = 0x40000000;

/** A value and the reads that it was computed from. */
export interface Tainted { readonly value: number; readonly from: number }

/** Names of a test's locations, their order, and their addresses. */
export class Locations {
  readonly names: readonly string[];
  private readonly index: ReadonlyMap<string, number>;

  constructor(test: LitmusTest) {
    this.names = [...new Set([...Object.keys(test.init), ...test.locks])];
    this.index = new Map(this.names.map((name, at) => [name, at]));
  }

  of(name: string): number {
    const found = this.index.get(name);
    if (found === undefined) throw new Refused(`no location is called ${name}`);
    return found;
  }

  /** The location that a value points to; -1 for a number that is no address. */
  at(value: number): number {
    const loc = value - ADDRESS;
    return loc >= 0 && loc < this.names.length ? loc : -1;
  }

  literal(value: number | string): number {
    if (typeof value === 'number') return value;
    return ADDRESS + this.of(value.startsWith('&') ? value.slice(1) : value);
  }

  /** As final states are written: addresses by name. */
  print(value: number): string {
    const loc = this.at(value);
    return loc < 0 ? String(value) : this.names[loc]!;
  }
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => Math.imul(a, b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
};

const COMPARES = new Set(['==', '!=']);

/** @throws Refused for an operation that is not modelled, and for arithmetic on addresses. */
export function evaluate(expression: Expression, registers: ReadonlyMap<string, Tainted>, locations: Locations): Tainted {
  if (typeof expression === 'number') return { value: expression, from: 0 };
  if (typeof expression === 'string') {
    if (expression.startsWith('&')) return { value: locations.literal(expression), from: 0 };
    return registers.get(expression) ?? { value: 0, from: 0 };
  }
  const [operation, left, right] = expression;
  const apply = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (!apply) throw new Refused(`operation ${operation} is not modelled`);
  const [a, b] = [evaluate(left, registers, locations), evaluate(right, registers, locations)];
  if (!COMPARES.has(operation) && (locations.at(a.value) >= 0 || locations.at(b.value) >= 0)) throw new Refused('arithmetic on addresses is not modelled');
  return { value: apply(a.value, b.value), from: a.from | b.from };
}
