import { be32, ByteSink } from '../bytes.ts';
import { DtNode } from '../node.ts';
import { DeviceTree } from '../tree.ts';
import type { Draft, DraftNode, DraftProperty, Reference } from './draft.ts';
import type { Scanner } from './scanner.ts';

const PHANDLES = ['phandle', 'linux,phandle'] as const;

/** Numbers the nodes that are referred to, puts phandles and paths in place and builds the tree. */
export function resolve(draft: Draft, scanner: Scanner): DeviceTree {
  const resolver = new Resolver(draft, scanner);
  resolver.collectPhandles();
  resolver.assignPhandles();
  const root = resolver.build(draft.root);
  return new DeviceTree(root, { reservations: draft.reservations, bootCpu: bootCpuOf(root) });
}

/** As dtc guesses it: the `reg` of the first CPU. */
function bootCpuOf(root: DtNode): number {
  return root.child('cpus')?.children[0]?.u32('reg') ?? 0;
}

class Resolver {
  private readonly byNumber = new Map<number, DraftNode>();
  private readonly byNode = new Map<DraftNode, number>();
  private readonly added = new Set<DraftNode>();
  private next = 1;
  /** Bytes of paths that references may still become: a short source could name a long path many times. */
  private pathBudget: number;

  constructor(private readonly draft: Draft, private readonly scanner: Scanner) {
    this.pathBudget = 4096 + 16 * scanner.text.length;
  }

  /** The numbers that the source gives. */
  collectPhandles(): void {
    for (const node of this.draft.root.nodes()) {
      for (const name of PHANDLES) {
        const property = node.properties.get(name);
        if (property !== undefined) this.giveNumber(node, name, property);
      }
    }
  }

  private giveNumber(node: DraftNode, name: string, { at, pieces }: DraftProperty): void {
    const [piece] = pieces;
    if (pieces.length !== 1 || !(piece instanceof Uint8Array) || piece.length !== 4) throw this.scanner.error('EINVAL', `${name} of ${node.path} is not a single number`, at);
    const number = be32(piece, 0);
    if (number === 0 || number === 0xffff_ffff) throw this.scanner.error('EINVAL', `${name} of ${node.path} is ${number}; 0 and 0xffffffff mean none, leave it out to get one`, at);
    const holder = this.byNumber.get(number);
    if (holder !== undefined && holder !== node) throw this.scanner.error('EEXIST', `${name} ${number} of ${node.path} belongs to ${holder.path} already; leave both out to get one each`, at);
    this.byNumber.set(number, node);
    if (!this.byNode.has(node)) this.byNode.set(node, number);
  }

  /** In the order in which the references stand in the tree, as dtc does. */
  assignPhandles(): void {
    for (const node of this.draft.root.nodes()) {
      for (const { pieces } of node.properties.values()) {
        for (const piece of pieces) if (!(piece instanceof Uint8Array) && piece.kind === 'phandle') this.number(this.target(piece));
      }
    }
  }

  private number(node: DraftNode): number {
    let number = this.byNode.get(node);
    if (number === undefined) {
      while (this.byNumber.has(this.next)) this.next++;
      number = this.next++;
      this.byNode.set(node, number);
      this.added.add(node);
    }
    return number;
  }

  private target(reference: Reference): DraftNode {
    const node = this.draft.find(reference.target);
    if (node !== undefined) return node;
    throw this.scanner.error('ENOENT', `&${reference.target} names no node; ${reference.target.startsWith('/') ? 'correct the path' : `write ${reference.target}: before the node that is meant`}`, reference.at);
  }

  /** Not deeper than the reader has let the source nest. */
  build(node: DraftNode): DtNode {
    const properties = new Map<string, Uint8Array>();
    for (const [name, property] of node.properties) properties.set(name, this.value(property));
    if (this.added.has(node)) properties.set('phandle', this.cell(this.byNode.get(node)!));
    return new DtNode(node.name, properties, [...node.children.values()].map((child) => this.build(child)));
  }

  private value({ pieces }: DraftProperty): Uint8Array {
    const [only] = pieces;
    if (pieces.length === 1 && only instanceof Uint8Array) return only;
    const sink = new ByteSink(8 * pieces.length);
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) sink.append(piece);
      else if (piece.kind === 'phandle') sink.u32(this.number(this.target(piece)));
      else this.appendPath(sink, piece);
    }
    return sink.take();
  }

  private appendPath(sink: ByteSink, reference: Reference): void {
    const { path } = this.target(reference);
    this.pathBudget -= path.length;
    if (this.pathBudget < 0) throw this.scanner.error('EOVERFLOW', `the paths of references are sixteen times as long as the source; shorten the names on the way to &${reference.target}`, reference.at);
    sink.ascii(path);
    sink.u8(0);
  }

  private cell(value: number): Uint8Array {
    const sink = new ByteSink(4);
    sink.u32(value);
    return sink.take();
  }
}
