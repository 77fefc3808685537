import { IrqError } from '@irqchip/smp';
import { be32, be64 } from './bytes.ts';
import { decodeUtf8 } from './utf8.ts';
import type { DeviceTree } from './tree.ts';

/** The properties of a node in source order. A `Map<string, Uint8Array>` is one. */
export interface DtProperties extends Iterable<readonly [string, Uint8Array]> {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): Uint8Array | undefined;
  keys(): Iterable<string>;
}

/** Shared by all nodes that have none: there may be many. */
export const NO_PROPERTIES: DtProperties = Object.freeze({
  size: 0,
  has: () => false,
  get: () => undefined,
  keys: () => [],
  [Symbol.iterator]: () => [][Symbol.iterator](),
});
export const NO_CHILDREN: readonly DtNode[] = Object.freeze([]);

/**
 * A node of a device tree. Built from its children upwards and not changed afterwards.
 *
 * Readers named after a type (`u32`, `strings` …) give `undefined` or an empty list where the property is absent, and throw where it is
 * there but cannot be of that type. `bytes` gives a view of the file, not a copy.
 * @kernel device_node
 */
export class DtNode {
  readonly name: string;
  readonly properties: DtProperties;
  readonly children: readonly DtNode[];
  /** The parent; for a root, its tree. One field, since there may be a node for every twelve bytes of a file. */
  #up: DtNode | DeviceTree | null = null;

  /** @throws EINVAL when one of `children` has a parent already. */
  constructor(name: string, properties: DtProperties = NO_PROPERTIES, children: readonly DtNode[] = NO_CHILDREN) {
    this.name = name;
    this.properties = properties;
    this.children = children;
    for (const child of children) child.attach(this);
  }

  /** Told once where this node belongs, by the constructor of that node or tree. @internal */
  attach(up: DtNode | DeviceTree): void {
    if (this.#up !== null) throw new IrqError('EINVAL', `node ${this.name || '/'} belongs to a tree already; build a node of its own for each place`);
    this.#up = up;
  }

  get parent(): DtNode | null {
    return this.#up instanceof DtNode ? this.#up : null;
  }

  /** @throws EINVAL for a node that no {@link DeviceTree} was made of. */
  get tree(): DeviceTree {
    let up: DtNode | DeviceTree | null = this.#up;
    while (up instanceof DtNode) up = up.#up;
    if (up === null) throw new IrqError('EINVAL', `node ${this.path} is in no tree, so no phandle can be looked up: make a DeviceTree of its root first`);
    return up;
  }

  /** `/soc/serial@10000000`; put together at each call, since paths kept for every node could outgrow the file. @kernel of_node_full_name */
  get path(): string {
    const names: string[] = [];
    for (let node: DtNode | null = this; node !== null; node = node.parent) names.push(node.name);
    return names.length === 1 ? '/' : names.reverse().join('/');
  }

  /** What follows `@` in the name. */
  get unitAddress(): string | undefined {
    const at = this.name.indexOf('@');
    return at < 0 ? undefined : this.name.slice(at + 1);
  }

  /** The child with this full name, unit address included. @kernel of_get_child_by_name */
  child(name: string): DtNode | undefined {
    return this.children.find((child) => child.name === name);
  }

  /** The strings of `compatible`, most specific first. @throws EILSEQ */
  get compatible(): readonly string[] {
    return this.strings('compatible');
  }

  /** @kernel of_device_is_compatible */
  isCompatible(...names: readonly string[]): boolean {
    return this.compatible.some((own) => names.includes(own));
  }

  /** True without a `status`, or with `okay` or `ok`. @kernel of_device_is_available */
  get isAvailable(): boolean {
    const status = this.bytes('status');
    if (status === undefined) return true;
    const end = status.indexOf(0);
    const word = decodeUtf8(end < 0 ? status : status.subarray(0, end));
    return word === 'okay' || word === 'ok';
  }

  /** `phandle`, or `linux,phandle` of old trees; 0 and 0xffffffff are none. */
  get phandle(): number | undefined {
    const value = this.u32('phandle') ?? this.u32('linux,phandle');
    return value === 0 || value === 0xffff_ffff ? undefined : value;
  }

  /** @kernel of_property_present */
  has(property: string): boolean {
    return this.properties.has(property);
  }

  bytes(property: string): Uint8Array | undefined {
    return this.properties.get(property);
  }

  /** Cell `index`, or `undefined` where the property is absent or too short. @kernel of_property_read_u32_index */
  u32(property: string, index: number = 0): number | undefined {
    const bytes = this.bytes(property);
    return bytes !== undefined && index >= 0 && (index + 1) * 4 <= bytes.length ? be32(bytes, index * 4) : undefined;
  }

  /** Every cell. @throws EINVAL when the length is not a multiple of 4. @kernel of_property_read_u32_array */
  u32s(property: string): readonly number[] | undefined {
    return this.words(property, 4, be32);
  }

  /** Every pair of cells as one number. @throws EINVAL when the length is not a multiple of 8; ERANGE from 2^53 on. @kernel of_property_read_u64_array */
  u64s(property: string): readonly number[] | undefined {
    return this.words(property, 8, (bytes, at) => be64(bytes, at, `${this.path}: ${property}[${at / 8}]`));
  }

  /** Every string; none where the property is absent or empty. @throws EILSEQ when the last one has no end. @kernel of_property_read_string_array */
  strings(property: string): readonly string[] {
    const bytes = this.bytes(property);
    if (bytes === undefined || bytes.length === 0) return [];
    if (bytes[bytes.length - 1] !== 0) {
      throw new IrqError('EILSEQ', `${this.path}: ${property} is no list of strings, its last byte is not zero; read it with u32s() or bytes()`);
    }
    const strings: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0, at);
      strings.push(decodeUtf8(bytes.subarray(at, end)));
      at = end + 1;
    }
    return strings;
  }

  /** The first string. @throws EILSEQ when the property has no end of string. @kernel of_property_read_string */
  string(property: string): string | undefined {
    return this.strings(property)[0];
  }

  private words(property: string, unit: number, read: (bytes: Uint8Array, at: number) => number): number[] | undefined {
    const bytes = this.bytes(property);
    if (bytes === undefined) return undefined;
    if (bytes.length % unit !== 0) {
      throw new IrqError('EINVAL', `${this.path}: ${property} has ${bytes.length} bytes, not a multiple of ${unit}; read it with bytes() or correct the tree`);
    }
    const words: number[] = [];
    for (let at = 0; at < bytes.length; at += unit) words.push(read(bytes, at));
    return words;
  }
}
