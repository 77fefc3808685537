import { IrqError } from '@irqchip/smp';
import { be32 } from '../bytes.ts';
import type { DtNode } from '../node.ts';

/** An interrupt as its controller understands it. */
export interface InterruptSpec {
  readonly controller: DtNode;
  /** As many cells as the controller's `#interrupt-cells`. */
  readonly args: readonly number[];
}

/** Most cells of one specifier, its address cells included. @kernel MAX_PHANDLE_ARGS */
export const MAX_PHANDLE_ARGS = 16;

/**
 * Walks a list of phandles that are followed by cells, as many as `cellsName` of the node referred to says. An empty entry (phandle 0) is null.
 * @param defaultCells - for nodes without `cellsName`; an error if left out.
 * @throws EINVAL at the first entry that leads nowhere or is cut short.
 * @kernel of_phandle_iterator_next
 */
export function* phandleList(node: DtNode, list: string, cellsName: string, defaultCells?: number): Generator<InterruptSpec | null, void, undefined> {
  const bytes = node.bytes(list);
  const words = bytes === undefined ? 0 : bytes.length >> 2;
  for (let at = 0; at < words;) {
    const start = at;
    const phandle = be32(bytes!, 4 * at++);
    if (phandle === 0) {
      yield null;
      continue;
    }
    const controller = node.tree.byPhandle(phandle);
    if (controller === undefined) throw new IrqError('EINVAL', `${node.path}: ${list} cell ${start} is phandle ${phandle}, which no node has; correct the reference`);
    const count = controller.u32(cellsName) ?? defaultCells;
    if (count === undefined) throw new IrqError('EINVAL', `${node.path}: ${list} cell ${start} refers to ${controller.path}, which has no ${cellsName}; add it there`);
    if (count > MAX_PHANDLE_ARGS) throw new IrqError('EINVAL', `${controller.path}: ${cellsName} is ${count}, at most ${MAX_PHANDLE_ARGS} are modelled`);
    if (at + count > words) throw new IrqError('EINVAL', `${node.path}: ${list} ends ${at + count - words} cells short of the specifier for ${controller.path} at cell ${start}; complete it`);
    const args: number[] = [];
    for (let i = 0; i < count; i++) args.push(be32(bytes!, 4 * at++));
    yield { controller, args };
  }
}
