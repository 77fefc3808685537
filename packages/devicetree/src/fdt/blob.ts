import { IrqError } from '@irqchip/smp';
import { be32, hex } from '../bytes.ts';
import { isNameCode, type Limits } from '../name.ts';
import type { DtProperties } from '../node.ts';
import { latin1 } from '../utf8.ts';
import type { FdtHeader } from './header.ts';

const INDEXED = 16;

/**
 * The bytes of a file with the names of its properties. A name is cut out of the strings block once for each offset that is used: many short
 * properties may share one long name or its endings.
 */
export class FdtBlob {
  /** The file as characters: names are cut out of it, which costs less than a view and a copy for each. */
  readonly text: string;
  private readonly nameIds: Int32Array;
  private readonly names: string[] = [];

  constructor(readonly bytes: Uint8Array, readonly header: FdtHeader, readonly limits: Limits) {
    this.text = latin1(bytes);
    this.nameIds = new Int32Array(header.stringsEnd - header.stringsOffset);
  }

  /** Name of the property whose tag is at `at`; only for offsets that {@link checkProperty} has passed. */
  nameOf(at: number): string {
    return this.names[this.nameIds[be32(this.bytes, at + 8)]! - 1]!;
  }

  /** Value of the property whose tag is at `at`: a view. */
  valueOf(at: number): Uint8Array {
    return this.bytes.subarray(at + 12, at + 12 + be32(this.bytes, at + 4));
  }

  /** Checks the name of the property whose tag is at `at`. @throws EOVERFLOW, EILSEQ, EINVAL */
  checkProperty(at: number, where: () => string): void {
    const offset = be32(this.bytes, at + 8);
    if (offset >= this.nameIds.length) {
      throw new IrqError('EOVERFLOW', `property at ${hex(at)} in ${where()}: its name is at ${hex(offset)} of a strings block of ${this.nameIds.length} bytes; the file is damaged`);
    }
    if (this.nameIds[offset] === 0) this.nameIds[offset] = this.names.push(this.cutName(offset, at, where));
  }

  private cutName(offset: number, at: number, where: () => string): string {
    const { text, header: { stringsOffset, stringsEnd }, limits } = this;
    const start = stringsOffset + offset;
    const longest = Math.min(stringsEnd, start + limits.maxNameLength + 1);
    let end = start;
    while (end < longest && isNameCode(text.charCodeAt(end))) end++;
    if (end > start && end < longest && text.charCodeAt(end) === 0) return text.slice(start, end);
    const what = end === longest ? `has no end within ${limits.maxNameLength} characters and the strings block`
      : end === start && text.charCodeAt(end) === 0 ? 'is empty' : `has character ${text.charCodeAt(end)}, and names are printable ASCII`;
    throw new IrqError('EILSEQ', `property at ${hex(at)} in ${where()}: its name, at ${hex(offset)} of the strings block, ${what}; the file is damaged`);
  }
}

/** The properties of one node, read from the file each time they are asked for. */
export class FdtProperties implements DtProperties {
  private index: Map<string, number> | null = null;

  /** @param offsets - of the tags, in order. */
  constructor(private readonly blob: FdtBlob, private readonly offsets: readonly number[]) {}

  get size(): number {
    return this.offsets.length;
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  get(name: string): Uint8Array | undefined {
    const at = this.find(name);
    return at === undefined ? undefined : this.blob.valueOf(at);
  }

  *keys(): Generator<string, void, undefined> {
    for (const at of this.offsets) yield this.blob.nameOf(at);
  }

  *[Symbol.iterator](): Generator<readonly [string, Uint8Array], void, undefined> {
    for (const at of this.offsets) yield [this.blob.nameOf(at), this.blob.valueOf(at)];
  }

  private find(name: string): number | undefined {
    if (this.offsets.length <= INDEXED) return this.offsets.find((at) => this.blob.nameOf(at) === name);
    this.index ??= new Map(this.offsets.map((at) => [this.blob.nameOf(at), at]));
    return this.index.get(name);
  }
}
