import { IrqError } from '@irqchip/smp';
import type { DtNode } from './node.ts';

/** Memory that the boot program keeps to itself (`/memreserve/`), in bytes. */
export interface Reservation {
  readonly address: number;
  readonly size: number;
}

export interface DeviceTreeOptions {
  readonly reservations?: readonly Reservation[];
  /** Physical id of the boot CPU. */
  readonly bootCpu?: number;
}

const WIDE = 16;

/** A whole device tree, and what can be looked up in it. */
export class DeviceTree {
  readonly root: DtNode;
  readonly reservations: readonly Reservation[];
  /** `boot_cpuid_phys` of the header: the `reg` of the CPU that boots. */
  readonly bootCpu: number;
  private phandles: ReadonlyMap<number, DtNode> | null = null;
  private aliasTable: ReadonlyMap<string, string> | null = null;
  private readonly wide = new Map<DtNode, ReadonlyMap<string, DtNode>>();

  /** @throws EINVAL when `root` is part of another tree. */
  constructor(root: DtNode, options: DeviceTreeOptions = {}) {
    this.root = root;
    this.reservations = options.reservations ?? [];
    this.bootCpu = options.bootCpu ?? 0;
    root.attach(this);
  }

  /** Every node, parents before children and in source order. @kernel for_each_of_allnodes */
  *nodes(): Generator<DtNode, void, undefined> {
    const waiting: DtNode[] = [this.root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      yield node;
      for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!);
    }
  }

  /** The first node with this phandle. @kernel of_find_node_by_phandle */
  byPhandle(phandle: number): DtNode | undefined {
    this.phandles ??= this.indexPhandles();
    return this.phandles.get(phandle);
  }

  /**
   * The node at a path with full names (`/soc/serial@10000000`). The path may begin with an alias instead of `/`, and what follows a `:`
   * is left aside, so that `stdout-path` can be given as it stands.
   * @kernel of_find_node_by_path
   */
  byPath(path: string): DtNode | undefined {
    const plain = path.split(':', 1)[0]!;
    const [first = '', ...rest] = plain.split('/');
    let node = first !== '' ? this.byAlias(first) : plain !== '' ? this.root : undefined;
    for (const name of rest) {
      if (node === undefined) break;
      if (name !== '') node = this.childOf(node, name);
    }
    return node;
  }

  /** The node that `/aliases` calls `name`. @kernel of_alias_get_id */
  byAlias(name: string): DtNode | undefined {
    const path = this.aliases.get(name);
    return path !== undefined && path.startsWith('/') ? this.byPath(path) : undefined;
  }

  /** The properties of `/aliases`, as name and path. */
  get aliases(): ReadonlyMap<string, string> {
    this.aliasTable ??= this.indexAliases();
    return this.aliasTable;
  }

  /** Every node compatible with `name`, available or not. @kernel for_each_compatible_node @throws EILSEQ */
  byCompatible(name: string): DtNode[] {
    return [...this.nodes()].filter((node) => node.isCompatible(name));
  }

  private childOf(node: DtNode, name: string): DtNode | undefined {
    if (node.children.length <= WIDE) return node.child(name);
    let index = this.wide.get(node);
    if (index === undefined) this.wide.set(node, (index = new Map(node.children.map((child) => [child.name, child]))));
    return index.get(name);
  }

  private indexPhandles(): Map<number, DtNode> {
    const index = new Map<number, DtNode>();
    for (const node of this.nodes()) {
      const phandle = node.phandle;
      if (phandle !== undefined && !index.has(phandle)) index.set(phandle, node);
    }
    return index;
  }

  private indexAliases(): Map<string, string> {
    const index = new Map<string, string>();
    const node = this.root.child('aliases');
    for (const name of node?.properties.keys() ?? []) {
      if (name === 'name' || name === 'phandle' || name === 'linux,phandle') continue;
      try {
        index.set(name, node!.string(name) ?? '');
      } catch (error) {
        // An alias that is no string names nothing; the kernel passes it over as well.
        if (!(error instanceof IrqError)) throw error;
      }
    }
    return index;
  }
}
