import { DeviceTree, DtNode, parseDtb, parseInterrupts } from '@irqchip/devicetree';
import type { ConformanceOptions } from './options.ts';

/** How far a second controller's registers are from the first's. */
const BESIDE = 0x1000_0000;

type Cells = readonly number[];

/** The controller's node on the board that is given; null where the bench makes one, or the options do not say which it is. */
export function givenNode({ tree, node }: ConformanceOptions): DtNode | null {
  if (tree === undefined || node === undefined) return null;
  return (tree instanceof Uint8Array ? parseDtb(tree) : tree).byPath(node) ?? null;
}

function cellsOf(node: DtNode, key: string): Cells { return node.u32s(key) ?? []; }

/** The board of a node, with others in its place. */
function inPlaceOf(node: DtNode, others: readonly DtNode[]): DeviceTree {
  const copy = (each: DtNode): DtNode[] => (each === node ? [...others] : [new DtNode(each.name, new Map(each.properties), each.children.flatMap(copy))]);
  const { tree } = node;
  return new DeviceTree(copy(tree.root)[0]!, { reservations: tree.reservations, bootCpu: tree.bootCpu });
}

function copyOf(node: DtNode, name: string, changes: Readonly<Record<string, Cells | null>>): DtNode {
  const properties = new Map(node.properties);
  for (const [key, cells] of Object.entries(changes)) {
    if (cells === null) properties.delete(key);
    else properties.set(key, Uint8Array.from(cells.flatMap((cell) => [cell >>> 24, cell >>> 16, cell >>> 8, cell])));
  }
  return new DtNode(name, properties);
}

/** The board with a controller that has no registers. */
export function withoutRegisters(node: DtNode): DeviceTree { return inPlaceOf(node, [copyOf(node, node.name, { reg: null })]); }

/** Why a board has no room for a second controller of the kind; null: it has. */
export function noRoomBeside(node: DtNode): string | null {
  const wires = parseInterrupts(node);
  if (!node.has('reg')) return 'its node has no registers';
  if (wires.length !== 1) return 'its board wires it to several interrupts';
  return wires[0]!.controller.parent?.name.startsWith('cpu@') === true ? 'its board wires it to a hart, which has one such interrupt' : null;
}

/** The board with a second controller, on the parent's next interrupt; and its path. */
export function withSecond(node: DtNode): { readonly tree: DeviceTree; readonly path: string } {
  const high = (node.parent!.u32('#address-cells') ?? 2) - 1;
  const reg = cellsOf(node, 'reg').map((cell, at) => (at === high ? cell + BESIDE : cell));
  const [key, first] = node.has('interrupts-extended') ? ['interrupts-extended', 1] as const : ['interrupts', 0] as const;
  const wire = cellsOf(node, key).map((cell, at) => (at === first ? cell + 1 : cell));
  const name = `${node.name.replace(/@.*/, '')}@${reg[high]!.toString(16)}`;
  const second = copyOf(node, name, { reg, [key]: wire, phandle: null, 'linux,phandle': null });
  return { tree: inPlaceOf(node, [copyOf(node, node.name, {}), second]), path: `${node.path.slice(0, -node.name.length)}${name}` };
}
