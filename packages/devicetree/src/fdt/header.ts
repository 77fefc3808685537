import { IrqError } from '@irqchip/smp';
import { be32, hex } from '../bytes.ts';

export const FDT_MAGIC = 0xd00dfeed;
/** The version written, and the newest that is read. */
export const FDT_VERSION = 17;
/** The oldest version read: from 16 on, names are relative and values are aligned to 4. */
export const FDT_COMPATIBLE = 16;
export const FDT_HEADER_SIZE = 40;
/** Version 16 has no `size_dt_struct`. */
const FDT_V16_HEADER_SIZE = 36;

/** Tags of the structure block. */
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

/** Where the blocks of a file begin and end, all checked against its size. */
export interface FdtHeader {
  readonly totalSize: number;
  readonly reserveOffset: number;
  readonly structOffset: number;
  readonly structEnd: number;
  readonly stringsOffset: number;
  readonly stringsEnd: number;
  readonly bootCpu: number;
}

/** @throws EINVAL for something else than a device tree of version 16 or 17; EOVERFLOW for a block outside of the file. */
export function readHeader(bytes: Uint8Array): FdtHeader {
  checkMagic(bytes);
  const totalSize = be32(bytes, 4);
  if (totalSize > bytes.length) {
    throw new IrqError('EOVERFLOW', `totalsize at offset 4 says ${totalSize} bytes, the file has ${bytes.length}: it is cut short, copy it again`);
  }
  const headerSize = checkVersion(bytes, totalSize);
  const block = (field: number, name: string, align: number, size?: number): [number, number] => {
    const offset = be32(bytes, field);
    const end = size === undefined ? totalSize : offset + size;
    if (offset < headerSize || end > totalSize || offset > end) {
      throw new IrqError('EOVERFLOW', `${name} at offset ${field} puts its block at ${hex(offset)}..${hex(end)}, outside of ${hex(headerSize)}..${hex(totalSize)}: the header is damaged`);
    }
    if (offset % align !== 0) throw new IrqError('EINVAL', `${name} at offset ${field} is ${hex(offset)}, not a multiple of ${align}: the header is damaged`);
    return [offset, end];
  };
  const [structOffset, structEnd] = block(8, 'off_dt_struct', 4, headerSize === FDT_HEADER_SIZE ? be32(bytes, 36) : undefined);
  const [stringsOffset, stringsEnd] = block(12, 'off_dt_strings', 1, be32(bytes, 32));
  const [reserveOffset] = block(16, 'off_mem_rsvmap', 8);
  return { totalSize, reserveOffset, structOffset, structEnd, stringsOffset, stringsEnd, bootCpu: be32(bytes, 28) };
}

function checkMagic(bytes: Uint8Array): void {
  if (!ArrayBuffer.isView(bytes) || bytes.length < FDT_V16_HEADER_SIZE) {
    throw new IrqError('EINVAL', `a device tree begins with a header of ${FDT_V16_HEADER_SIZE} bytes or more, got ${bytes?.length ?? 'nothing'}: give parseDtb the bytes of a .dtb file`);
  }
  if (be32(bytes, 0) !== FDT_MAGIC) {
    throw new IrqError('EINVAL', `no device tree: ${hex(be32(bytes, 0))} at offset 0 instead of ${hex(FDT_MAGIC)}; read dts source with parseDts`);
  }
}

/** Returns the size of the header. */
function checkVersion(bytes: Uint8Array, totalSize: number): number {
  const version = be32(bytes, 20);
  const compatible = be32(bytes, 24);
  if (version < FDT_COMPATIBLE || compatible > FDT_VERSION || compatible > version) {
    throw new IrqError('EINVAL', `device tree of version ${version}, readable from ${compatible} (offsets 20 and 24); versions ${FDT_COMPATIBLE} and ${FDT_VERSION} are read: convert it with dtc -V ${FDT_VERSION}`);
  }
  const headerSize = version >= 17 ? FDT_HEADER_SIZE : FDT_V16_HEADER_SIZE;
  if (totalSize < headerSize) {
    throw new IrqError('EOVERFLOW', `totalsize at offset 4 is ${totalSize}, less than the header of ${headerSize} bytes: the header is damaged`);
  }
  return headerSize;
}
