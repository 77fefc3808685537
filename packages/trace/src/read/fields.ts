import { IrqError } from '@irqchip/smp';

/** The largest address that is still an exact number. */
const MAX_ADDRESS = BigInt(Number.MAX_SAFE_INTEGER);
const HEX = /^0x[0-9a-fA-F]{1,16}$/;

/** The members of one line of a recording, checked as they are read. Every failure names file and line. */
export class Fields {
  private readonly members: Readonly<Record<string, unknown>>;

  /** @throws IrqError `EINVAL` when `value` is not an object. */
  constructor(readonly where: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new IrqError('EINVAL', `${where}: a line of a recording is a JSON object.`);
    this.members = value as Record<string, unknown>;
  }

  has(name: string): boolean { return Object.hasOwn(this.members, name) && this.members[name] !== null; }

  string(name: string): string {
    const value = this.raw(name);
    return typeof value === 'string' ? value : this.refuse(name, 'a string');
  }

  /** A number of 64 bits, written as a hex string. */
  hex(name: string): bigint {
    const value = this.raw(name);
    return typeof value === 'string' && HEX.test(value) ? BigInt(value) : this.refuse(name, 'a hex string such as "0x1f"');
  }

  /** A hex string that is an address or an offset. */
  address(name: string): number {
    const value = this.hex(name);
    return value <= MAX_ADDRESS ? Number(value) : this.refuse(name, 'an address below 2^53');
  }

  /** A whole number within limits. */
  whole(name: string, low: number, high: number): number {
    const value = this.raw(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
    return this.refuse(name, `a whole number from ${low} to ${high}`);
  }

  /** A line level: 0 or 1. */
  level(name: string): boolean { return this.whole(name, 0, 1) === 1; }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    return Array.isArray(value) ? value as unknown[] : this.refuse(name, 'a list');
  }

  /** An object inside this one. */
  object(name: string): Fields { return new Fields(`${this.where}: ${name}`, this.raw(name)); }

  names(): string[] { return Object.keys(this.members); }

  /** @throws IrqError `EINVAL`, always. */
  refuse(name: string, wanted: string): never {
    const value = this.has(name) ? JSON.stringify(this.members[name]) : 'nothing';
    throw new IrqError('EINVAL', `${this.where}: "${name}" is ${value.length > 60 ? `${value.slice(0, 57)}...` : value}; it should be ${wanted}.`);
  }

  private raw(name: string): unknown { return Object.hasOwn(this.members, name) ? this.members[name] : undefined; }
}
