import { IrqError } from '@irqchip/smp';
import type { DtNode } from '../node.ts';
import { findIrqParent, inheritedCells } from './find-parent.ts';
import { matchInterruptMap } from './interrupt-map.ts';
import { MAX_PHANDLE_ARGS, type InterruptSpec } from './phandle-list.ts';

const MAX_STEPS = 64;

/** Controllers whose drivers read `interrupt-map` in a way of their own, so that it is no map of the interrupt tree. @kernel of_irq_imap_abusers */
const OWN_MAPS: readonly string[] = [
  'CBEA,platform-spider-pic', 'sti,platform-spider-pic', 'realtek,rtl-intc', 'fsl,ls1021a-extirq', 'fsl,ls1043a-extirq', 'fsl,ls1088a-extirq',
  'renesas,rza1-irqc', 'pasemi,rootbus',
];

/**
 * Takes a specifier through every `interrupt-map` on the way to a controller.
 * @param address - the unit address that maps match against, from the device's `reg`; null if the device has none.
 * @throws EINVAL for a wrong number of cells, for a map without an address to match or without a line that matches, and for a circle; ENOENT
 * when the interrupt parents end before a controller; EFAULT for more than 16 cells.
 * @kernel of_irq_parse_raw
 */
export function parseInterruptRaw(address: readonly number[] | null, spec: InterruptSpec): InterruptSpec {
  let at: DtNode | null = specifierNode(spec);
  let { args } = spec;
  const addressCells = inheritedCells(at, '#address-cells', 2);
  if (addressCells + args.length > MAX_PHANDLE_ARGS) {
    throw new IrqError('EFAULT', `${at.path}: ${addressCells} address cells and ${args.length} interrupt cells, at most ${MAX_PHANDLE_ARGS} together are modelled`);
  }
  let unit: readonly number[] = Array.from({ length: addressCells }, (_, i) => address?.[i] ?? 0);
  const passed: DtNode[] = [];
  while (at !== null) {
    const node: DtNode = at;
    const mapped = node.has('interrupt-map');
    if (node.has('interrupt-controller') && (!mapped || node.isCompatible(...OWN_MAPS))) return { controller: node, args };
    if (unit.length > 0 && address === null) throw new IrqError('EINVAL', `${node.path}: its map needs a unit address, and the device has no reg; add one`);
    if (passed.includes(node) || passed.push(node) > MAX_STEPS) throw new IrqError('EINVAL', `${node.path}: the interrupt maps lead in a circle from ${spec.controller.path}; correct them`);
    if (!mapped) {
      at = findIrqParent(node);
      continue;
    }
    const line = matchInterruptMap(node, [...unit, ...args]);
    if (line === undefined) throw new IrqError('EINVAL', `${node.path}: no line of interrupt-map for <${[...unit, ...args].join(' ')}> with an available controller; add one`);
    ({ args, address: unit } = line);
    if (line.controller === node) return { controller: node, args };
    at = line.controller;
  }
  throw new IrqError('ENOENT', `${spec.controller.path}: the interrupt parents end before an interrupt-controller; mark the controller or correct interrupt-parent`);
}

/** The node whose `#interrupt-cells` rules the specifier. */
function specifierNode({ controller, args }: InterruptSpec): DtNode {
  const node = controller.u32('#interrupt-cells') !== undefined ? controller : findIrqParent(controller);
  const cells = node?.u32('#interrupt-cells');
  if (node === null || cells === undefined) throw new IrqError('EINVAL', `${controller.path}: neither it nor an interrupt parent has #interrupt-cells; add it`);
  if (cells !== args.length) throw new IrqError('EINVAL', `${node.path}: #interrupt-cells is ${cells}, the specifier has ${args.length} cells; correct one of them`);
  return node;
}
