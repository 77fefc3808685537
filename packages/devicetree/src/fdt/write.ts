import { ByteSink } from '../bytes.ts';
import { checkName } from '../name.ts';
import type { DtNode } from '../node.ts';
import type { DeviceTree, Reservation } from '../tree.ts';
import { FDT_BEGIN_NODE, FDT_COMPATIBLE, FDT_END, FDT_END_NODE, FDT_HEADER_SIZE, FDT_MAGIC, FDT_PROP, FDT_VERSION } from './header.ts';

/**
 * Writes a flattened device tree of version 17 that {@link parseDtb}, dtc and firmware read.
 * @throws EILSEQ or EINVAL for a name that the format cannot hold.
 */
export function writeDtb(tree: DeviceTree): Uint8Array {
  const reserve = writeReservations(tree.reservations);
  const names = new NameTable();
  const struct = writeStruct(tree.root, names);
  const strings = names.sink.take();
  const structOffset = FDT_HEADER_SIZE + reserve.length;
  const stringsOffset = structOffset + struct.length;
  const file = new ByteSink(stringsOffset + strings.length);
  for (const word of [
    FDT_MAGIC, stringsOffset + strings.length, structOffset, stringsOffset, FDT_HEADER_SIZE, FDT_VERSION, FDT_COMPATIBLE,
    tree.bootCpu, strings.length, struct.length,
  ]) file.u32(word);
  for (const block of [reserve, struct, strings]) file.append(block);
  return file.take();
}

function writeReservations(reservations: readonly Reservation[]): Uint8Array {
  const sink = new ByteSink();
  for (const { address, size } of [...reservations, { address: 0, size: 0 }]) {
    sink.u64(address);
    sink.u64(size);
  }
  return sink.take();
}

/** The strings block: each name once. */
class NameTable {
  readonly sink = new ByteSink(256);
  private readonly offsets = new Map<string, number>();

  offsetOf(name: string, node: DtNode): number {
    let offset = this.offsets.get(name);
    if (offset === undefined) {
      checkName('property', name, node.path);
      this.offsets.set(name, (offset = this.sink.length));
      this.sink.ascii(name);
      this.sink.u8(0);
    }
    return offset;
  }
}

function writeStruct(root: DtNode, names: NameTable): Uint8Array {
  const sink = new ByteSink(1024);
  const open: { node: DtNode; next: number }[] = [];
  const begin = (node: DtNode): void => {
    beginNode(sink, node, names);
    open.push({ node, next: 0 });
  };
  begin(root);
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const child = level.node.children[level.next++];
    if (child !== undefined) {
      begin(child);
    } else {
      sink.u32(FDT_END_NODE);
      open.pop();
    }
  }
  sink.u32(FDT_END);
  return sink.take();
}

function beginNode(sink: ByteSink, node: DtNode, names: NameTable): void {
  if (node.parent !== null) checkName('node', node.name, node.path);
  sink.u32(FDT_BEGIN_NODE);
  if (node.parent !== null) sink.ascii(node.name);
  sink.u8(0);
  sink.align(4);
  for (const [name, value] of node.properties) {
    sink.u32(FDT_PROP);
    sink.u32(value.length);
    sink.u32(names.offsetOf(name, node));
    sink.append(value);
    sink.align(4);
  }
}
