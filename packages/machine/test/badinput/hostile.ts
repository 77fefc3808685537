import { DtNode, type DeviceTree } from '@irqchip/devicetree';
import { cells, edited, editTree } from '@irqchip/board/internals';

/** Trees that ask for much: register values, counts and sizes no board has. */

const EDGES = [0, 2, 7, 12, 31, 32, 63, 2047, 2048, 65535, 0x00ffffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** The tree with other properties in the nodes that are compatible with `compatible`. */
export function change(tree: DeviceTree, compatible: string, properties: Readonly<Record<string, Uint8Array | null>>): DeviceTree {
  return editTree(tree, (node) => (node.isCompatible(compatible) ? { properties } : null));
}

/** Every cell of every property of nodes compatible with `compatible`, set to every value at an edge. */
function* everyCell(tree: DeviceTree, compatible: string): Generator<[string, DeviceTree]> {
  for (const node of tree.byCompatible(compatible).slice(0, 1)) {
    for (const [name, value] of node.properties) {
      if (value.length === 0 || value.length % 4 !== 0 || value.length > 32) continue;
      for (let i = 0; i < value.length / 4; i++) {
        for (const edge of EDGES) {
          const other = [...node.u32s(name)!];
          other[i] = edge;
          yield [`${compatible} ${name}[${i}] = ${edge}`, change(tree, compatible, { [name]: cells(...other) })];
        }
      }
    }
  }
}

/** IMSIC properties that say how many and how large, set to every value at an edge. */
function* imsicSizes(tree: DeviceTree): Generator<[string, DeviceTree]> {
  for (const name of ['riscv,guest-index-bits', 'riscv,hart-index-bits', 'riscv,group-index-bits', 'riscv,group-index-shift', 'riscv,num-ids', 'riscv,num-guest-ids']) {
    for (const edge of EDGES) yield [`${name} = ${edge}`, change(tree, 'riscv,imsics', { [name]: cells(edge) })];
  }
}

/** Wires and CPUs by the thousand: the file grows with them. */
function* many(tree: DeviceTree, controller: string): Generator<[string, DeviceTree]> {
  const wires = tree.byCompatible(controller)[0]!.u32s('interrupts-extended')!;
  for (const times of [100, 5000]) {
    const repeated = Array.from({ length: times }, () => wires).flat();
    yield [`${controller} ${times} times its wires`, change(tree, controller, { 'interrupts-extended': cells(...repeated) })];
  }
  const cpu = tree.byCompatible('riscv')[0]!;
  const clone = (hartid: number): DtNode => new DtNode(`cpu@${hartid.toString(16)}`, edited(cpu, { reg: cells(hartid), phandle: null }));
  for (const harts of [4000, 5000]) {
    const more = (): DtNode[] => Array.from({ length: harts }, (_, i) => clone(1000 + i));
    yield [`${harts} more cpu nodes`, editTree(tree, (node) => (node.path === '/cpus' ? { children: more() } : null))];
  }
  yield ['hartid 2^32 - 1', change(tree, 'riscv', { reg: cells(0xffffffff) })];
}

export function* hostileTrees(tree: DeviceTree, controllers: readonly string[]): Generator<[string, DeviceTree]> {
  for (const controller of controllers) {
    yield* everyCell(tree, controller);
    if (tree.byCompatible(controller)[0]?.has('interrupts-extended')) yield* many(tree, controller);
  }
  if (controllers.includes('riscv,imsics')) yield* imsicSizes(tree);
  for (const edge of EDGES) {
    yield [`timebase-frequency = ${edge}`, editTree(tree, (node) => (node.path === '/cpus' ? { properties: { 'timebase-frequency': cells(edge) } } : null))];
    for (const name of ['#address-cells', '#size-cells']) {
      yield [`/cpus ${name} = ${edge}`, editTree(tree, (node) => (node.path === '/cpus' ? { properties: { [name]: cells(edge) } } : null))];
      yield [`/soc ${name} = ${edge}`, editTree(tree, (node) => (node.path === '/soc' ? { properties: { [name]: cells(edge) } } : null))];
    }
  }
}
