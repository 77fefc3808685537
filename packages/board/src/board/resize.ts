import { DtNode, type DeviceTree } from '@irqchip/devicetree';
import { IrqError, NR_CPUS } from '@irqchip/smp';
import { isCpu } from './board.ts';
import { cells, edited, editTree, extendedCells, extendedEntries, type ExtendedEntry, type NodeEdit } from './edit.ts';

const IMSIC_PAGE = 0x1000;

/** How many bytes of registers a controller with so many wires has, as its specification lays them out. */
const REGISTERS: readonly { readonly compatible: readonly string[]; readonly size: (wires: number) => number }[] = [
  { compatible: ['riscv,plic0', 'sifive,plic-1.0.0'], size: (contexts) => 0x200000 + 0x1000 * contexts },
  { compatible: ['riscv,aplic'], size: (idcs) => 0x4000 + 0x1000 * Math.ceil(idcs / 128) },
];

/**
 * A tree with `count` CPUs: the first ones of `tree`, or all of them and further ones like the last. Wires to harts that are
 * gone are cut; controllers get the wires of the last hart for every new one.
 * @throws IrqError `EINVAL` for a count outside 1 to 4,096, and for a board with hart groups that would have to grow.
 */
export function resizeBoard(tree: DeviceTree, count: number): DeviceTree {
  if (!Number.isInteger(count) || count < 1 || count > NR_CPUS) throw new IrqError('EINVAL', `A machine has 1 to ${NR_CPUS} CPUs, not ${count}.`);
  const nodes = tree.byPath('/cpus')?.children.filter((node) => isCpu(node) && node.isAvailable) ?? [];
  if (nodes.length === 0 || nodes.length === count) return tree;
  const clones = count > nodes.length ? cloneHarts(tree, nodes, count - nodes.length) : [];
  const dropped = new Set<DtNode>(nodes.slice(count));
  const lost = new Set<number>([...dropped].flatMap(controllerPhandles));
  const model = controllerPhandles(nodes.at(-1)!)[0];
  return editTree(tree, (node) => {
    if (dropped.has(node) || node.name === 'cpu-map') return 'drop';
    if (node.path === '/cpus') return { children: clones.map(({ node: clone }) => clone) };
    if (!node.has('interrupts-extended')) return null;
    return rewire(tree, node, lost, model, clones.map(({ phandle }) => phandle));
  });
}

interface Clone { readonly node: DtNode; readonly phandle: number }

function cloneHarts(tree: DeviceTree, nodes: readonly DtNode[], extra: number): Clone[] {
  const last = nodes.at(-1)!;
  let phandle = 1;
  for (const node of tree.nodes()) phandle = Math.max(phandle, (node.phandle ?? 0) + 1);
  let hartid = nodes.reduce((highest, node) => Math.max(highest, node.u32('reg') ?? 0), 0);
  return Array.from({ length: extra }, () => {
    hartid++;
    const controller = phandle++;
    const children = last.children.map((child) =>
      new DtNode(child.name, child.has('interrupt-controller') ? edited(child, { phandle: cells(controller) }) : new Map(child.properties)));
    const node = new DtNode(`cpu@${hartid.toString(16)}`, edited(last, { reg: cells(hartid), phandle: cells(phandle++) }), children);
    return { node, phandle: controller };
  });
}

function controllerPhandles(cpu: DtNode): number[] {
  return cpu.children.flatMap((child) => (child.has('interrupt-controller') && child.phandle !== undefined ? [child.phandle] : []));
}

function rewire(tree: DeviceTree, node: DtNode, lost: ReadonlySet<number>, model: number | undefined, added: readonly number[]): NodeEdit {
  const entries = extendedEntries(tree, node);
  const kept = entries.filter(({ phandle }) => !lost.has(phandle));
  const pattern = entries.filter(({ phandle }) => phandle === model);
  const wires: ExtendedEntry[] = [...kept];
  for (const phandle of added) for (const { args } of pattern) wires.push({ phandle, args });
  const grows = added.length > 0 && pattern.length > 0;
  return { properties: { 'interrupts-extended': extendedCells(wires), ...(grows ? { ...grownImsic(node, wires.length), ...grownRegisters(node, wires.length) } : {}) } };
}

/** Controllers have registers for each wire; a region that is large enough stays as it is. */
function grownRegisters(node: DtNode, wires: number): Record<string, Uint8Array> {
  const needed = REGISTERS.find(({ compatible }) => node.isCompatible(...compatible))?.size(wires) ?? 0;
  const reg = [...(node.u32s('reg') ?? [])];
  if (reg.length === 0 || reg.at(-1)! >= needed) return {};
  reg[reg.length - 1] = needed;
  return { reg: cells(...reg) };
}

/** An IMSIC has a page per hart, one after the other. */
function grownImsic(node: DtNode, files: number): Record<string, Uint8Array> {
  if (!node.isCompatible('riscv,imsics')) return {};
  if (node.u32('riscv,group-index-bits')) {
    throw new IrqError('EINVAL', `${node.path}: its harts are in groups at different addresses; more CPUs cannot be added to this board.`);
  }
  const reg = [...(node.u32s('reg') ?? [])];
  reg[reg.length - 1] = files * IMSIC_PAGE * 2 ** (node.u32('riscv,guest-index-bits') ?? 0);
  const bits = { 'riscv,hart-index-bits': cells(Math.ceil(Math.log2(files))) };
  return { reg: cells(...reg), ...(node.has('riscv,hart-index-bits') ? bits : {}) };
}
