import type { FwNode } from '../domain/fwnode.ts';

/** What a driver may ask of its device-tree node. */
export interface IrqchipNode {
  /** `/soc/interrupt-controller@28000000` */
  readonly path: string;
  /** `interrupt-controller@28000000` */
  readonly name: string;
  readonly compatible: readonly string[];
  readonly parent: IrqchipNode | null;
  /** Whether the property is there. @kernel of_property_present */
  has(property: string): boolean;
  /** One cell, undefined when it is not there. @kernel of_property_read_u32_index, of_property_read_u32 */
  u32(property: string, index?: number): number | undefined;
  /** All cells, undefined without the property. */
  u32s(property: string): readonly number[] | undefined;
  /** The first string, undefined without the property. @kernel of_property_read_string */
  string(property: string): string | undefined;
  /** All strings, none without the property. */
  strings(property: string): readonly string[];
}

/** One interrupt that the node's controller is wired to. @kernel of_phandle_args */
export interface ParentInterrupt {
  /** The controller. */
  readonly node: IrqchipNode;
  readonly fwnode: FwNode;
  /** Its specifier's cells. */
  readonly args: readonly number[];
}
