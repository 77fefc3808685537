import type { DeviceTree, DtNode } from '@irqchip/devicetree';
import { isaHas, type PrivilegeMode } from '@irqchip/riscv';
import { IrqError, NR_CPUS } from '@irqchip/smp';

/** One cpu node. */
export interface BoardHart {
  readonly hartid: number;
  readonly node: DtNode;
  /** `numa-node-id`, 0 without one. */
  readonly numaNode: number;
}

/** What a machine needs to know of a board before it can start. */
export interface Board {
  /** `/model`, as the kernel prints it. */
  readonly model: string;
  readonly mode: PrivilegeMode;
  /** In CPU order: the boot hart first, then as the tree has them. */
  readonly harts: readonly BoardHart[];
  readonly timebaseHz: number;
  readonly xlen: 32 | 64;
  /** The mode has the AIA's CSRs. */
  readonly aia: boolean;
  /** The mode has stimecmp. */
  readonly sstc: boolean;
}

export interface BoardOptions {
  readonly mode: PrivilegeMode;
  /** hartid of the boot hart. Default: the tree's boot CPU if it has one of that id, else the first. */
  readonly bootHart?: number;
}

/**
 * Reads the CPUs of a tree.
 * @throws IrqError `EINVAL` when the tree has no usable CPU, names one twice, or lacks what a boot needs; `ENOENT` when the
 * boot hart is not in the tree.
 */
export function readBoard(tree: DeviceTree, options: BoardOptions): Board {
  const cpus = tree.byPath('/cpus');
  if (!cpus) throw new IrqError('EINVAL', 'The device tree has no /cpus node: is it the tree of a board?');
  const harts = inCpuOrder(readHarts(cpus), tree.bootCpu, options.bootHart);
  const [boot] = harts;
  const isa = boot!.node.string('riscv,isa-base') ?? boot!.node.string('riscv,isa') ?? 'rv64';
  return {
    model: tree.root.string('model') ?? 'unknown',
    mode: options.mode,
    harts,
    timebaseHz: readTimebase(cpus, boot!.node),
    xlen: isa.startsWith('rv32') ? 32 : 64,
    aia: isaHas(boot!.node, options.mode === 'S' ? 'ssaia' : 'smaia'),
    sstc: options.mode === 'S' && isaHas(boot!.node, 'sstc'),
  };
}

function readHarts(cpus: DtNode): BoardHart[] {
  const harts: BoardHart[] = [];
  const seen = new Set<number>();
  for (const node of cpus.children) {
    if (!isCpu(node) || !node.isAvailable) continue;
    const hartid = readHartid(cpus, node);
    if (seen.has(hartid)) throw new IrqError('EINVAL', `${node.path}: hart ${hartid} is described twice.`);
    seen.add(hartid);
    harts.push({ hartid, node, numaNode: node.u32('numa-node-id') ?? 0 });
  }
  if (harts.length === 0) throw new IrqError('EINVAL', '/cpus has no usable cpu node; each needs `device_type = "cpu"` and a status of "okay".');
  if (harts.length > NR_CPUS) throw new IrqError('EINVAL', `/cpus names ${harts.length} CPUs; a machine has at most ${NR_CPUS}.`);
  return harts;
}

/** Whether a node below /cpus is a CPU, and not, say, the cpu-map. */
export function isCpu(node: DtNode): boolean {
  return node.string('device_type') === 'cpu' || /^cpu@/.test(node.name);
}

function readHartid(cpus: DtNode, node: DtNode): number {
  const cells = cpus.u32('#address-cells') ?? 1;
  const reg = node.u32s('reg');
  if (!reg || reg.length < cells || cells < 1) {
    throw new IrqError('EINVAL', `${node.path}: unable to find hart id; reg must hold ${Math.max(cells, 1)} cell(s).`);
  }
  return cells === 1 ? reg[0]! : reg[cells - 2]! * 2 ** 32 + reg[cells - 1]!;
}

function inCpuOrder(harts: readonly BoardHart[], treeBoot: number, wanted: number | undefined): readonly BoardHart[] {
  const boot = harts.find(({ hartid }) => hartid === (wanted ?? treeBoot)) ?? (wanted === undefined ? harts[0]! : null);
  if (!boot) {
    throw new IrqError('ENOENT', `Boot hart ${wanted} is not in the device tree; its harts are ${harts.map(({ hartid }) => hartid).join(', ')}.`);
  }
  return [boot, ...harts.filter((hart) => hart !== boot)];
}

function readTimebase(cpus: DtNode, boot: DtNode): number {
  const hz = cpus.u32('timebase-frequency') ?? boot.u32('timebase-frequency');
  if (!hz || hz > 1e9) throw new IrqError('EINVAL', `/cpus: timebase-frequency is ${hz ?? 'missing'}; a RISC-V board must state it, 1 to 1000000000 Hz.`);
  return hz;
}
