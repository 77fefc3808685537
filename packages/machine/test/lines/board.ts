import { DtNode, parseDtb, type DeviceTree } from '@irqchip/devicetree';
import { cells, editTree } from '@irqchip/board/internals';

/** Where the device is that has all lines. */
export const DEVICE = '/soc/lines@0';

/** Ways to signal: rising and falling edges, high and low levels, as device trees number them. */
export const SENSE = { RISING: 1, FALLING: 2, HIGH: 4, LOW: 8 } as const;

/**
 * The board with one device more, whose interrupts are all lines of a controller.
 * @param senses - of each line; a controller of one cell is not told of them.
 */
export function withAllLines(dtb: Uint8Array, controller: string, senses: readonly number[]): DeviceTree {
  const tree = parseDtb(dtb);
  const node = tree.byPath(controller)!;
  const one = node.u32('#interrupt-cells') === 1;
  const interrupts = senses.flatMap((sense, i) => (one ? [i + 1] : [i + 1, sense]));
  const device = new DtNode(DEVICE.slice('/soc/'.length), new Map([['interrupt-parent', cells(node.phandle!)], ['interrupts', cells(...interrupts)]]));
  return editTree(tree, ({ path }) => (path === '/soc' ? { children: [device] } : null));
}

/** How many lines a controller has. */
export function lineCount(dtb: Uint8Array, controller: string): number {
  const node = parseDtb(dtb).byPath(controller)!;
  return node.u32('riscv,ndev') ?? node.u32('riscv,num-sources')!;
}
