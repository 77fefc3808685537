import { readFileSync } from 'node:fs';
import { parseDtb, parseDts, type DeviceTree } from '@irqchip/devicetree';
import { IrqError } from '@irqchip/smp';

const BUNDLED = new URL('../boards/imsic-smp4.dtb', import.meta.url);

/**
 * Reads a device tree, binary or source, or the bundled board for `null`.
 * @throws IrqError `ENOENT` when the file cannot be read, and what the parser reports.
 */
export function readTree(file: string | null): DeviceTree {
  const bytes = readBytes(file ?? BUNDLED);
  const text = file?.endsWith('.dts') === true ? new TextDecoder().decode(bytes) : null;
  return text === null ? parseDtb(bytes) : parseDts(text);
}

function readBytes(file: string | URL): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new IrqError('ENOENT', `cannot read the device tree: ${(error as Error).message}`);
  }
}
