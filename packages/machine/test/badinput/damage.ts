import { Random } from '../../src/index.ts';

/** Seeded damage to flattened device trees. */

const BEGIN_NODE = 1;
const END_NODE = 2;
const PROP = 3;
const NOP = 4;

/** Values at which code that counts, shifts or allocates goes wrong. */
const EDGES = [0, 1, 2, 3, 7, 8, 11, 31, 32, 33, 63, 64, 255, 256, 2047, 2048, 4095, 4096, 0xffff, 0x10000, 0x00ffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

interface Prop { readonly at: number; readonly value: number; readonly length: number }

/** Where the words of a tree are. */
interface Layout {
  readonly props: readonly Prop[];
  /** The BEGIN_NODE words, each with the position after its END_NODE. */
  readonly nodes: readonly { readonly at: number; readonly end: number }[];
}

function layoutOf(dtb: Uint8Array): Layout {
  const view = new DataView(dtb.buffer, dtb.byteOffset, dtb.byteLength);
  const props: Prop[] = [];
  const nodes: { at: number; end: number }[] = [];
  const open: { at: number; end: number }[] = [];
  for (let at = view.getUint32(8), end = at + view.getUint32(36); at < end;) {
    const word = view.getUint32(at);
    if (word === PROP) {
      const length = view.getUint32(at + 4);
      props.push({ at, value: at + 12, length });
      at += 12 + align4(length);
    } else if (word === BEGIN_NODE) {
      const node = { at, end: 0 };
      open.push(node);
      nodes.push(node);
      for (at += 4; dtb[at] !== 0; at++);
      at = align4(at + 1);
    } else {
      at += 4;
      if (word === END_NODE) open.pop()!.end = at;
    }
  }
  return { props, nodes };
}

function align4(n: number): number { return (n + 3) & ~3; }

/** One tree, and any number of damaged copies of it. */
export class Damage {
  private readonly layout: Layout;
  private readonly random: Random;

  constructor(private readonly dtb: Uint8Array, seed: number) {
    this.layout = layoutOf(dtb);
    this.random = new Random(seed);
  }

  /** A copy with one to four wounds. */
  next(): Uint8Array {
    const copy = this.dtb.slice();
    const view = new DataView(copy.buffer);
    for (let wounds = 1 + (this.random.below(3) === 0 ? this.random.below(4) : 0); wounds > 0; wounds--) this.wound(copy, view);
    return copy;
  }

  private wound(copy: Uint8Array, view: DataView): void {
    const { random, layout: { props, nodes } } = this;
    const prop = this.pick(props);
    switch (random.below(10)) {
      case 0: // any bit of the file, header included
        copy[random.below(copy.length)]! ^= 1 << random.below(8);
        break;
      case 1: // any word of the file
        view.setUint32(4 * random.below(copy.length >> 2), this.pick(EDGES));
        break;
      case 2: // a property gets another one's name
        view.setUint32(prop.at + 8, view.getUint32(this.pick(props).at + 8));
        break;
      case 3: // a property is gone
        for (let at = prop.at; at < prop.value + align4(prop.length); at += 4) view.setUint32(at, NOP);
        break;
      case 4: { // a node is gone
        const node = this.pick(nodes.slice(1));
        for (let at = node.at; at < node.end; at += 4) view.setUint32(at, NOP);
        break;
      }
      case 5: // a property is shorter than it was
        view.setUint32(prop.at + 4, random.below(prop.length + 1));
        for (let at = prop.value + align4(view.getUint32(prop.at + 4)); at < prop.value + align4(prop.length); at += 4) view.setUint32(at, NOP);
        break;
      case 6: // a value is another one's
        copy.copyWithin(prop.value, this.pick(props).value, this.pick(props).value + prop.length);
        break;
      default: // a cell has a value at an edge: most of what a machine is made from are cells
        if (prop.length >= 4) view.setUint32(prop.value + 4 * random.below(prop.length >> 2), this.pick(EDGES));
    }
  }

  private pick<T>(from: readonly T[]): T { return from[this.random.below(from.length)]!; }
}
