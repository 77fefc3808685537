import { readFileSync } from 'node:fs';
import { IrqError, type Errno } from '@irqchip/smp';
import type { DeviceTree, DtNode, InterruptSpec } from '@irqchip/devicetree';

const DATA = new URL('../../../testdata/linux/', import.meta.url);

/** Boards whose trees are in the repository, both as QEMU makes them and as Linux gets them. */
export const BOARDS: readonly string[] = ['linux-6.12-debugfs/plic-smp1', 'linux-6.12-debugfs/imsic-smp2', 'linux-7.2-debugfs/plic-smp4'];

export function dtb(board: string, which: 'qemu' | 'linux-sees' = 'qemu'): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${board}/${which}.dtb`, DATA)));
}

/** Code and message of the IrqError that `action` throws; anything else fails the test. */
export function refusal(action: () => unknown): { code: Errno; message: string } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof IrqError)) throw error;
    return { code: error.code, message: error.message };
  }
  throw new Error('nothing was thrown');
}

/** The tree as plain data, to compare two of them. */
export function dump(tree: DeviceTree): unknown {
  const node = (at: DtNode): unknown => ({
    name: at.name,
    properties: [...at.properties].map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
    children: at.children.map(node),
  });
  return { root: node(tree.root), reservations: tree.reservations, bootCpu: tree.bootCpu };
}

/** `/soc/plic: 1 2`, which is easier to read in a failure than nodes. */
export function show(spec: InterruptSpec | null): string {
  return spec === null ? 'none' : `${spec.controller.path}: ${spec.args.join(' ')}`;
}

export function at(tree: DeviceTree, path: string): DtNode {
  const node = tree.byPath(path);
  if (node === undefined) throw new Error(`no node ${path}`);
  return node;
}
