import { regRegions, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import { IrqError } from '@irqchip/smp';
import type { Bus } from '../bus/bus.ts';
import { firmwareNodes } from './fixups.ts';

// Registers of an APLIC (AIA 1.0, section 4.5).
const SOURCECFG = 0x0004;
const SOURCECFG_D = 0x400;
const MMSIADDRCFG = 0x1bc0;
const SMSIADDRCFG = 0x1bc8;
const TWO_32 = 0x1_0000_0000;

/**
 * What SBI firmware does to the controllers that it keeps, before it starts a supervisor kernel: its APLICs learn where
 * messages of both levels go, and give the sources that the tree says to their children. A node that makes no sense is left as it is.
 * Source: OpenSBI 1.5.
 */
export function leaveControllers(tree: DeviceTree, bus: Bus): void {
  const kept = firmwareNodes(tree);
  for (const node of kept) {
    if (!node.isCompatible('riscv,aplic')) continue;
    try {
      const base = regRegions(node)[0]?.base;
      if (base === undefined) continue;
      setAddresses(tree, bus, base, node);
      delegate(bus, base, node);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
    }
  }
}

function delegate(bus: Bus, base: number, node: DtNode): void {
  const cells = node.u32s('riscv,delegation') ?? [];
  const children = node.u32s('riscv,children') ?? [];
  const sources = Math.min(node.u32('riscv,num-sources') ?? 0, 1023);
  for (let at = 0; at + 3 <= cells.length; at += 3) {
    const child = children.indexOf(cells[at]!);
    if (child < 0) continue;
    for (let source = Math.max(1, cells[at + 1]!); source <= Math.min(cells[at + 2]!, sources); source++) {
      bus.write32(base + SOURCECFG + 4 * (source - 1), SOURCECFG_D | child);
    }
  }
}

/** Its own messages go to its own IMSIC, those of a child to the child's. */
function setAddresses(tree: DeviceTree, bus: Bus, base: number, node: DtNode): void {
  const own = imsicOf(tree, node);
  if (own) writeAddress(bus, base + MMSIADDRCFG, own);
  for (const phandle of node.u32s('riscv,children') ?? []) {
    const child = tree.byPhandle(phandle);
    const imsic = child && imsicOf(tree, child);
    if (imsic) return writeAddress(bus, base + SMSIADDRCFG, imsic);
  }
}

function imsicOf(tree: DeviceTree, node: DtNode): DtNode | undefined {
  const phandle = node.u32('msi-parent');
  const imsic = phandle === undefined ? undefined : tree.byPhandle(phandle);
  return imsic?.isCompatible('riscv,imsics') ? imsic : undefined;
}

/** The pair of registers that says where interrupt files are (AIA 1.0, sections 4.5.3 and 4.5.4). */
function writeAddress(bus: Bus, register: number, imsic: DtNode): void {
  const harts = Math.max(1, (imsic.u32s('interrupts-extended')?.length ?? 2) / 2);
  const lhxs = imsic.u32('riscv,guest-index-bits') ?? 0;
  const lhxw = imsic.u32('riscv,hart-index-bits') ?? Math.ceil(Math.log2(harts));
  const hhxw = imsic.u32('riscv,group-index-bits') ?? 0;
  const hhxs = (imsic.u32('riscv,group-index-shift') ?? 24) - 24;
  const first = regRegions(imsic)[0]?.base ?? 0;
  // The page number of the lowest file: what the indexes add is no part of it.
  const pages = Math.floor(first / 0x1000);
  bus.write32(register, pages % TWO_32);
  bus.write32(register + 4, Math.floor(pages / TWO_32) | (lhxw << 12) | (hhxw << 16) | (lhxs << 20) | (hhxs << 24));
}
