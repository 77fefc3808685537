import { DeviceTree, DtNode } from '@irqchip/devicetree';

/** What to do with one node: other property values (`null` removes), further children, or drop the node. */
export interface NodeEdit {
  readonly properties?: Readonly<Record<string, Uint8Array | null>>;
  readonly children?: readonly DtNode[];
}

/** Copies a tree, with the changes that `edit` asks for; `null` keeps a node, `'drop'` leaves it out. */
export function editTree(tree: DeviceTree, edit: (node: DtNode) => NodeEdit | 'drop' | null): DeviceTree {
  const root = copy(tree.root, edit) ?? new DtNode('');
  return new DeviceTree(root, { reservations: tree.reservations, bootCpu: tree.bootCpu });
}

function copy(node: DtNode, edit: (node: DtNode) => NodeEdit | 'drop' | null): DtNode | null {
  const change = edit(node);
  if (change === 'drop') return null;
  const children = node.children.map((child) => copy(child, edit)).filter((child) => child !== null);
  return new DtNode(node.name, edited(node, change?.properties ?? {}), [...children, ...(change?.children ?? [])]);
}

/** The properties of `node` with some replaced, added or removed. */
export function edited(node: DtNode, changes: Readonly<Record<string, Uint8Array | null>>): Map<string, Uint8Array> {
  const properties = new Map(node.properties);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) properties.delete(name);
    else properties.set(name, value);
  }
  return properties;
}

/** Big-endian cells, as property values are. */
export function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(i * 4, value >>> 0));
  return bytes;
}

/** One entry of an `interrupts-extended`: which controller, and its specifier. */
export interface ExtendedEntry { readonly phandle: number; readonly args: readonly number[] }

/** The entries of a node's `interrupts-extended`, as far as their controllers can be found. */
export function extendedEntries(tree: DeviceTree, node: DtNode): ExtendedEntry[] {
  const values = node.u32s('interrupts-extended') ?? [];
  const entries: ExtendedEntry[] = [];
  for (let at = 0; at < values.length;) {
    const phandle = values[at]!;
    const count = tree.byPhandle(phandle)?.u32('#interrupt-cells');
    if (count === undefined || at + 1 + count > values.length) break;
    entries.push({ phandle, args: values.slice(at + 1, at + 1 + count) });
    at += 1 + count;
  }
  return entries;
}

/** The property value of a list of entries. */
export function extendedCells(entries: readonly ExtendedEntry[]): Uint8Array {
  return cells(...entries.flatMap(({ phandle, args }) => [phandle, ...args]));
}
