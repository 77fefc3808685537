import { readFileSync } from 'node:fs';
import { parseDts, type DeviceTree } from '@irqchip/devicetree';

const TESTDATA = new URL('../../../../testdata/', import.meta.url);

/** The tree of a recorded board, as QEMU made it. */
export function board(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`linux/${name}/qemu.dtb`, TESTDATA)));
}

/** A board that was never recorded, from its source. */
export function source(name: string): DeviceTree {
  return parseDts(readFileSync(new URL(`boards/${name}.dts`, TESTDATA), 'utf8'));
}
