import { IrqError } from '@irqchip/smp';
import { be32 } from '../bytes.ts';
import type { DtNode } from '../node.ts';
import { inheritedCells } from './find-parent.ts';
import { MAX_PHANDLE_ARGS, type InterruptSpec } from './phandle-list.ts';

/** One line of an `interrupt-map`. */
export interface InterruptMapItem {
  /** Unit address and specifier at the child side. */
  readonly child: readonly number[];
  /** Unit address at the parent side. */
  readonly address: readonly number[];
  readonly parent: InterruptSpec;
}

/** The side of a map entry that names a parent, and where the next entry begins. */
interface ParentSide extends InterruptSpec {
  readonly address: readonly number[];
  /** In words. */
  readonly next: number;
}

/**
 * Every line of the node's `interrupt-map`, in order.
 * @throws ENOENT without a map; EINVAL without `#interrupt-cells`, for a child side of more than 16 cells and for a broken line.
 * @kernel for_each_of_imap_item
 */
export function interruptMap(node: DtNode): InterruptMapItem[] {
  const map = node.bytes('interrupt-map');
  const cells = node.u32('#interrupt-cells');
  if (cells === undefined) throw new IrqError('EINVAL', `${node.path}: an interrupt-map is read with #interrupt-cells, which the node does not have; add it`);
  const width = cells + inheritedCells(node, '#address-cells', 2);
  if (width > MAX_PHANDLE_ARGS) throw new IrqError('EINVAL', `${node.path}: lines of interrupt-map begin with ${width} cells, at most ${MAX_PHANDLE_ARGS} are modelled`);
  if (map === undefined) throw new IrqError('ENOENT', `${node.path}: no interrupt-map to go through`);
  const items: InterruptMapItem[] = [];
  for (let at = 0; at + width + 1 < map.length >> 2;) {
    const { controller, args, address, next } = readParentSide(node, map, at + width);
    items.push({ child: readWords(map, at, width), address, parent: { controller, args } });
    at = next;
  }
  return items;
}

/**
 * The first line whose child side is `match` under `interrupt-map-mask` and whose controller is available.
 * @throws EINVAL for a broken line on the way.
 */
export function matchInterruptMap(node: DtNode, match: readonly number[]): ParentSide | undefined {
  const map = node.bytes('interrupt-map')!;
  const mask = node.bytes('interrupt-map-mask');
  if (mask !== undefined && mask.length < 4 * match.length) {
    throw new IrqError('EINVAL', `${node.path}: interrupt-map-mask has ${mask.length} bytes, the child side of the map ${4 * match.length}; complete it`);
  }
  for (let at = 0; (map.length >> 2) - at > match.length + 1;) {
    const equal = match.every((word, i) => ((word ^ be32(map, 4 * (at + i))) & (mask === undefined ? -1 : be32(mask, 4 * i))) === 0);
    const side = readParentSide(node, map, at + match.length);
    if (equal && side.controller.isAvailable) return side;
    at = side.next;
  }
  return undefined;
}

/** Missing `#address-cells` count as none here, unlike at the child side. @kernel of_irq_parse_imap_parent */
function readParentSide(node: DtNode, map: Uint8Array, at: number): ParentSide {
  const phandle = be32(map, 4 * at);
  const controller = node.tree.byPhandle(phandle);
  if (controller === undefined) throw new IrqError('EINVAL', `${node.path}: interrupt-map cell ${at} is phandle ${phandle}, which no node has; correct the reference`);
  const cells = controller.u32('#interrupt-cells');
  if (cells === undefined) throw new IrqError('EINVAL', `${node.path}: interrupt-map cell ${at} refers to ${controller.path}, which has no #interrupt-cells; add it there`);
  const addressCells = controller.u32('#address-cells') ?? 0;
  const next = at + 1 + addressCells + cells;
  if (addressCells + cells > MAX_PHANDLE_ARGS || next > map.length >> 2) {
    throw new IrqError('EINVAL', `${node.path}: interrupt-map cell ${at} refers to ${controller.path} with ${addressCells} + ${cells} cells, ${(map.length >> 2) - at - 1} are left and at most ${MAX_PHANDLE_ARGS} modelled; complete the line`);
  }
  return { controller, address: readWords(map, at + 1, addressCells), args: readWords(map, at + 1 + addressCells, cells), next };
}

function readWords(bytes: Uint8Array, at: number, count: number): number[] {
  const words: number[] = [];
  for (let i = 0; i < count; i++) words.push(be32(bytes, 4 * (at + i)));
  return words;
}
