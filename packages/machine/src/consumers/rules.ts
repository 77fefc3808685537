import type { DtNode } from '@irqchip/devicetree';

/** A driver that every machine has, as far as its interrupts go. */
export interface ConsumerRule {
  readonly compatible: readonly string[];
  /** As what the `nth` device of the kind requests its interrupt. */
  readonly name: (node: DtNode, nth: number) => string;
  readonly shared: boolean;
  readonly noprobe: boolean;
}

/** In the order in which the kernel's drivers come. */
export const CONSUMER_RULES: readonly ConsumerRule[] = [
  { compatible: ['ns16550a', 'ns16550'], name: serialName, shared: true, noprobe: true },
  { compatible: ['google,goldfish-rtc'], name: platformName, shared: false, noprobe: false },
];

/** By the node's alias where it has one: the line that `console=ttyS0` means. @kernel of_alias_get_id (of serial ports) */
function serialName(node: DtNode, nth: number): string {
  const aliases = node.tree.byPath('/aliases');
  for (const name of aliases?.properties.keys() ?? []) {
    const line = /^serial(\d+)$/.exec(name)?.[1];
    if (line !== undefined && aliases!.string(name) === node.path) return `ttyS${line}`;
  }
  return `ttyS${nth}`;
}

/** The name of a node's platform device: `101000.rtc` for `rtc@101000`. @kernel of_device_make_bus_id */
function platformName(node: DtNode): string {
  const [name = '', unit] = node.name.split('@');
  return unit === undefined ? name : `${unit}.${name}`;
}
