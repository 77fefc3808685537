import type { IrqchipNode } from '@irqchip/irqdomain';

/** A device-tree node made of plain properties: numbers are cells, strings are strings. */
export function fakeNode(path: string, properties: Record<string, readonly (number | string)[]> = {}, parent: IrqchipNode | null = null): IrqchipNode {
  const cells = (name: string): number[] | undefined => properties[name]?.filter((value) => typeof value === 'number');
  const strings = (name: string): string[] => (properties[name] ?? []).filter((value) => typeof value === 'string');
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    compatible: strings('compatible'),
    parent,
    has: (name) => name in properties,
    u32: (name, index = 0) => cells(name)?.[index],
    u32s: cells,
    string: (name) => strings(name)[0],
    strings,
  };
}
