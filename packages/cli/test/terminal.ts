import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeviceTree, DtNode, parseDtb, writeDtb } from '@irqchip/devicetree';
import { run, type Plugins, type Terminal } from '../src/index.ts';

export interface Outcome { readonly status: number; readonly out: string; readonly err: string; readonly all: string }

/** Runs a command line against a terminal that remembers. */
export function irqchip(argv: readonly string[], plugins: Plugins = {}, terminal: Partial<Terminal> = {}): Outcome {
  let [out, err, all] = ['', '', ''];
  const status = run(argv, {
    out: (text) => { out += text; all += text; },
    err: (text) => { err += text; all += text; },
    isTty: false,
    nowMs: () => 0,
    ...terminal,
  }, plugins);
  return { status, out, err, all };
}

const BOARDS = new URL('../../../testdata/linux/', import.meta.url);

export function boardFile(name: string): string { return new URL(name, BOARDS).pathname; }
export function board(name: string): DeviceTree { return parseDtb(new Uint8Array(readFileSync(boardFile(name)))); }

/** Runs `fn` with a tree, or dts text, in a file. */
export function withFile<T>(content: DeviceTree | string, fn: (file: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'irqchip-'));
  try {
    const file = path.join(folder, typeof content === 'string' ? 'board.dts' : 'board.dtb');
    writeFileSync(file, typeof content === 'string' ? content : writeDtb(content));
    return fn(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A board of `harts` harts in dts source, with further nodes below the root. */
export function dts(harts: number, rest = '', cpu: (i: number) => string = () => ''): string {
  const cpus = Array.from({ length: harts }, (_, i) => `cpu@${i} {
    device_type = "cpu"; reg = <${i}>; compatible = "riscv"; riscv,isa = "rv64imafdc"; ${cpu(i)}
    intc${i}: interrupt-controller { compatible = "riscv,cpu-intc"; interrupt-controller; #interrupt-cells = <1>; };
  };`);
  return `/dts-v1/; / { model = "acme,board"; #address-cells = <1>; #size-cells = <1>;
    cpus { #address-cells = <1>; #size-cells = <0>; timebase-frequency = <10000000>; ${cpus.join('\n')} };
    ${rest} };`;
}

/** The tree without one property of the nodes that are compatible with `compatible`. */
export function without(tree: DeviceTree, compatible: string, property: string): DeviceTree {
  const copy = (node: DtNode): DtNode => {
    const kept = [...node.properties].filter(([name]) => name !== property || !node.isCompatible(compatible));
    return new DtNode(node.name, new Map(kept), node.children.map(copy));
  };
  return new DeviceTree(copy(tree.root), { bootCpu: tree.bootCpu });
}
