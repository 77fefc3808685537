import { DeviceTree, DtNode, parseDts } from '@irqchip/devicetree';
import { IrqError } from '@irqchip/smp';
import type { BenchOptions } from './options.ts';

/** Where the driver's node is on a generated board. */
export const CONTROLLER = '/interrupt-controller@10000000';

/** Compatible string of the device that the bench adds to every board, to see the bus and the harts from. */
export const PROBE_COMPATIBLE = 'irqchip,testkit';

/** Local interrupt numbers of external interrupts. */
const EXTERNAL = { S: 9, M: 11 } as const;

/** The smallest board that has the controller. @throws IrqError for options that make no board. */
export function benchBoard({
  compatible, cpus = 1, mode = 'S', cells = 1, size = 0x1000, harts = 'boot', parents, properties = '', nodes = '',
}: BenchOptions): DeviceTree {
  if (compatible === undefined) throw new IrqError('EINVAL', 'A bench needs the compatible string of its controller, or a tree.');
  const all = Array.from({ length: cpus }, (_, cpu) => cpu);
  const wires = parents ?? (harts === 'all' ? all : [0]).map((cpu) => `&intc${cpu} ${EXTERNAL[mode]}`).join(' ');
  const generated: [name: string, value: string][] = [
    ['compatible', `"${compatible}"`], ...(size > 0 ? [['reg', `<0x10000000 0x${size.toString(16)}>`] as [string, string]] : []),
    ['interrupt-controller', ''], ['#interrupt-cells', `<${cells}>`], ['interrupts-extended', `<${wires.replaceAll(',', ' ')}>`],
  ];
  // Of its own node alone, not of those in it.
  const own = properties.replace(/\{(?:[^{}]|\{[^{}]*\})*\}/g, '');
  const names = (name: string): boolean => new RegExp(`(?:^|[;\\s])${name}\\s*[=;]`).test(own);
  const wired = parents === undefined && names('interrupts');
  const lines = generated.filter(([name]) => !names(name) && !(wired && name === 'interrupts-extended'));
  return parsed(`/dts-v1/;
/ {
  model = "irqchip,bench"; #address-cells = <1>; #size-cells = <1>;
  cpus {
    #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>;
    ${all.map((cpu) => `cpu@${cpu.toString(16)} {
      device_type = "cpu"; reg = <${cpu}>; riscv,isa = "rv64imafdc"; compatible = "riscv";
      intc${cpu}: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; };
    };`).join('\n    ')}
  };
  controller: ${CONTROLLER.slice(1)} {
    ${lines.map(([name, value]) => `${name}${value && ` = ${value}`};`).join(' ')}
    ${properties}
  };
  ${nodes}
};`);
}

/** Whose line and column nobody knows who did not write them. */
function parsed(source: string): DeviceTree {
  try {
    return parseDts(source);
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    const [, line = '', what = error.message] = /^(\d+):\d+: ([^]*)$/.exec(error.message) ?? [];
    throw new IrqError(error.code, `properties, nodes or parents of the bench: ${what}, in "${source.split('\n')[Number(line) - 1]?.trim() ?? ''}"`, { cause: error });
  }
}

/** The tree with the bench's own device, which has no registers. */
export function withProbe(tree: DeviceTree): DeviceTree {
  const probe = new DtNode('irqchip-testkit', new Map([['compatible', Uint8Array.from(`${PROBE_COMPATIBLE}\0`, (letter) => letter.charCodeAt(0))]]));
  const { root } = tree;
  const children = [...root.children.map(copy), probe];
  return new DeviceTree(new DtNode('', new Map(root.properties), children), { reservations: tree.reservations, bootCpu: tree.bootCpu });
}

/** A node belongs to one tree. */
function copy(node: DtNode): DtNode {
  return new DtNode(node.name, new Map(node.properties), node.children.map(copy));
}
