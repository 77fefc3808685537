import { IrqError } from '@irqchip/smp';
import { be32, join64 } from './bytes.ts';
import { inheritedCells } from './irq/find-parent.ts';
import type { DtNode } from './node.ts';

/** A range of physical addresses, in bytes. */
export interface RegRegion {
  readonly base: number;
  readonly size: number;
}

/** An address on some bus. */
interface BusAddress {
  /** First cell of a PCI address, which says what kind of address it is; 0 on other buses. */
  readonly flags: number;
  readonly value: number;
}

/** Cells of an address and of a size on one bus. */
interface Widths {
  readonly address: number;
  readonly size: number;
}

/**
 * Every region of the node's `reg` as the CPU addresses it, through the `ranges` of all buses above (empty `ranges` change nothing).
 * None for a node without `reg`.
 * @throws EINVAL for a `reg` that is no list of regions, for a bus without `ranges` and for addresses that no range holds; ERANGE from 2^53 on.
 * @kernel of_address_to_resource
 */
export function regRegions(node: DtNode): RegRegion[] {
  const bytes = node.bytes('reg');
  if (bytes === undefined) return [];
  const bus = node.parent ?? node;
  const widths = widthsOf(bus);
  const entry = 4 * (widths.address + widths.size);
  if (bytes.length === 0 || bytes.length % entry !== 0) {
    throw new IrqError('EINVAL', `${node.path}: reg has ${bytes.length} bytes, and a region takes ${entry} (#address-cells ${widths.address}, #size-cells ${widths.size} of ${bus.path}); correct one of them`);
  }
  const regions: RegRegion[] = [];
  for (let at = 0; at < bytes.length; at += entry) {
    const what = `${node.path}: reg region ${at / entry}`;
    const { value: base } = translate(readAddress(bytes, at, widths.address, what), bus, what);
    const size = readNumber(bytes, at + 4 * widths.address, widths.size, what);
    regions.push({ base: checkEnd(base, size, what), size });
  }
  return regions;
}

function widthsOf(bus: DtNode): Widths {
  const address = inheritedCells(bus, '#address-cells', 1);
  const size = inheritedCells(bus, '#size-cells', 1);
  if (address < 1 || address > 3) throw new IrqError('EINVAL', `${bus.path}: #address-cells is ${address}; 1, 2 and, for PCI, 3 can be translated`);
  if (size > 2) throw new IrqError('EINVAL', `${bus.path}: #size-cells is ${size}; 0, 1 and 2 are known`);
  return { address, size };
}

/** Takes an address on `bus` up to the root. */
function translate(address: BusAddress, bus: DtNode, what: string): BusAddress {
  let current = address;
  for (let at = bus; at.parent !== null; at = at.parent) {
    const ranges = at.bytes('ranges');
    if (ranges === undefined) throw new IrqError('EINVAL', `${what} cannot be translated: ${at.path} has no ranges; add "ranges;" there if its addresses are the CPU's`);
    if (ranges.length > 0) current = through(ranges, current, at, at.parent, what);
  }
  return current;
}

/** Takes an address through one `ranges`. @kernel of_translate_one */
function through(ranges: Uint8Array, address: BusAddress, bus: DtNode, above: DtNode, what: string): BusAddress {
  const child = widthsOf(bus);
  const parent = widthsOf(above);
  const entry = 4 * (child.address + parent.address + child.size);
  if (ranges.length % entry !== 0) throw new IrqError('EINVAL', `${bus.path}: ranges has ${ranges.length} bytes, and a range takes ${entry} (cells ${child.address} + ${parent.address} + ${child.size}); correct it`);
  for (let at = 0; at < ranges.length; at += entry) {
    const line = `${bus.path}: range ${at / entry}`;
    const from = readAddress(ranges, at, child.address, line);
    const size = readNumber(ranges, at + 4 * (child.address + parent.address), child.size, line);
    const offset = address.value - from.value;
    if (kindOf(from) !== kindOf(address) || offset < 0 || offset >= size) continue;
    const to = readAddress(ranges, at + 4 * child.address, parent.address, line);
    return { flags: to.flags, value: checkEnd(to.value, offset, line) + offset };
  }
  throw new IrqError('EINVAL', `${what} cannot be translated: 0x${address.value.toString(16)} is in no range of ${bus.path}; correct reg or ranges`);
}

/** Kind of a PCI address: configuration 0, I/O 1, memory 2; memory of 32 and of 64 bits go through the same ranges. */
function kindOf({ flags }: BusAddress): number {
  return Math.min((flags >>> 24) & 3, 2);
}

function readAddress(bytes: Uint8Array, at: number, cells: number, what: string): BusAddress {
  if (cells < 3) return { flags: 0, value: readNumber(bytes, at, cells, what) };
  return { flags: be32(bytes, at), value: readNumber(bytes, at + 4, 2, what) };
}

function readNumber(bytes: Uint8Array, at: number, cells: number, what: string): number {
  if (cells === 0) return 0;
  return cells === 1 ? be32(bytes, at) : join64(be32(bytes, at), be32(bytes, at + 4), what);
}

function checkEnd(base: number, size: number, what: string): number {
  if (Number.isSafeInteger(base + size)) return base;
  throw new IrqError('ERANGE', `${what} ends beyond 2^53, where addresses are not modelled; use a smaller one`);
}
