/** A piece of a value: bytes that are known, or what another node will tell once all are read. */
export type Piece = Uint8Array | Reference;

export interface Reference {
  /** `&x` in a cell is the phandle of x, outside of cells its path. */
  readonly kind: 'phandle' | 'path';
  /** A label, or a path from `&{/path}`. */
  readonly target: string;
  /** Where the source says so. */
  readonly at: number;
}

export interface DraftProperty {
  readonly at: number;
  readonly pieces: readonly Piece[];
}

/** A node while the source is read: later parts may still override and delete. */
export class DraftNode {
  readonly children: Map<string, DraftNode> = new Map();
  readonly properties: Map<string, DraftProperty> = new Map();

  constructor(readonly name: string, public parent: DraftNode | null) {}

  /** The child of that name, made if need be. */
  childNamed(name: string): DraftNode {
    let child = this.children.get(name);
    if (child === undefined) this.children.set(name, (child = new DraftNode(name, this)));
    return child;
  }

  deleteChild(name: string): void {
    const child = this.children.get(name);
    if (child !== undefined) child.parent = null;
    this.children.delete(name);
  }

  get path(): string {
    const names: string[] = [];
    for (let node: DraftNode | null = this; node !== null; node = node.parent) names.push(node.name);
    return names.length === 1 ? '/' : names.reverse().join('/');
  }

  /** Level in the tree, the root's being 1. */
  get depth(): number {
    return this.parent === null ? 1 : this.parent.depth + 1;
  }

  /** True while no ancestor was deleted. */
  isIn(root: DraftNode): boolean {
    let node: DraftNode = this;
    while (node.parent !== null) node = node.parent;
    return node === root;
  }

  *nodes(): Generator<DraftNode, void, undefined> {
    yield this;
    for (const child of this.children.values()) yield* child.nodes();
  }
}

/** All that the source has said so far. */
export class Draft {
  readonly root: DraftNode = new DraftNode('', null);
  readonly reservations: { address: number; size: number }[] = [];
  private readonly labels = new Map<string, DraftNode>();

  /** Returns false when another node has the label. */
  label(name: string, node: DraftNode): boolean {
    const holder = this.labels.get(name);
    if (holder !== undefined && holder !== node && holder.isIn(this.root)) return false;
    this.labels.set(name, node);
    return true;
  }

  find(target: string): DraftNode | undefined {
    if (!target.startsWith('/')) {
      const node = this.labels.get(target);
      return node?.isIn(this.root) === true ? node : undefined;
    }
    let node: DraftNode | undefined = this.root;
    for (const name of target.split('/')) if (name !== '') node = node?.children.get(name);
    return node;
  }
}
