import { IrqError } from '@irqchip/smp';

/** The big-endian 32-bit word at `offset`; the caller has checked the bounds. */
export function be32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

/**
 * Joins the two halves of a 64-bit number.
 * @param what - names the number in the error, as in `/soc: ranges entry 2`.
 * @throws ERANGE from 2^53 on, where a JavaScript number stops being exact.
 */
export function join64(high: number, low: number, what: string): number {
  if (high < 0x200000) return high * 0x1_0000_0000 + low;
  const digits = high.toString(16) + low.toString(16).padStart(8, '0');
  throw new IrqError('ERANGE', `${what} is 0x${digits}: numbers from 2^53 on are not modelled; use a smaller address or read the cells one by one with u32s()`);
}

/** The big-endian 64-bit number at `offset`, see {@link join64}. */
export function be64(bytes: Uint8Array, offset: number, what: string): number {
  return join64(be32(bytes, offset), be32(bytes, offset + 4), what);
}

/** Prints an offset or a tag as the format's documents do. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A growing run of bytes; what is written is big-endian. */
export class ByteSink {
  length = 0;
  private buffer: Uint8Array;

  constructor(capacity: number = 64) {
    this.buffer = new Uint8Array(capacity);
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    for (let shift = 24; shift >= 0; shift -= 8) this.buffer[this.length++] = value >>> shift;
  }

  u64(value: number): void {
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value % 0x1_0000_0000);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes one byte for each character; for names, which are ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.buffer[this.length++] = text.charCodeAt(i);
  }

  /** Pads with zeros up to a multiple of `unit`. */
  align(unit: number): void {
    while (this.length % unit !== 0) this.u8(0);
  }

  /** A copy of what was written so far; with `restart`, the sink is empty afterwards. */
  take(restart: boolean = false): Uint8Array {
    const copy = this.buffer.slice(0, this.length);
    if (restart) this.length = 0;
    return copy;
  }

  private reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(need, this.buffer.length * 2));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
