import { IrqError } from '@irqchip/smp';
import { be32, be64, hex } from '../bytes.ts';
import { DEFAULT_LIMITS, findDuplicate, isNodeNameCode, type Limits } from '../name.ts';
import { DtNode, NO_CHILDREN, NO_PROPERTIES, type DtProperties } from '../node.ts';
import { DeviceTree, type Reservation } from '../tree.ts';
import { FdtBlob, FdtProperties } from './blob.ts';
import { FDT_BEGIN_NODE, FDT_END, FDT_END_NODE, FDT_NOP, FDT_PROP, readHeader } from './header.ts';

/**
 * Reads a flattened device tree of version 16 or 17. The bytes are copied once; every value is a view of that copy.
 *
 * Time is linear in the size of the file, and memory below sixteen times that size, whatever the bytes are.
 * @throws EINVAL for what is no device tree or breaks the grammar, EOVERFLOW for what reaches out of the file, EILSEQ for a broken name,
 * EEXIST for a name given twice in one node, ERANGE for reserved memory from 2^53 on.
 * @kernel unflatten_device_tree
 */
export function parseDtb(bytes: Uint8Array, limits: Partial<Limits> = {}): DeviceTree {
  const header = readHeader(bytes);
  const own = new Uint8Array(header.totalSize);
  own.set(bytes.subarray(0, header.totalSize));
  const blob = new FdtBlob(own, header, { ...DEFAULT_LIMITS, ...limits });
  const reservations = readReservations(blob);
  return new DeviceTree(new StructReader(blob).read(), { reservations, bootCpu: header.bootCpu });
}

function readReservations({ bytes, header }: FdtBlob): Reservation[] {
  const reservations: Reservation[] = [];
  for (let at = header.reserveOffset; at + 16 <= header.totalSize; at += 16) {
    const address = be64(bytes, at, `reserved address at offset ${hex(at)}`);
    const size = be64(bytes, at + 8, `reserved size at offset ${hex(at + 8)}`);
    if (address === 0 && size === 0) return reservations;
    reservations.push({ address, size });
  }
  throw new IrqError('EOVERFLOW', `the memory reservations from ${hex(header.reserveOffset)} have no end (two zero words of 64 bits) in the file; it is damaged`);
}

/** One level that is open. Kept for the next node of the same depth. */
interface Level {
  name: string;
  /** Where this level's children begin among the nodes that wait for their parent. */
  firstChild: number;
  /** Null until the first child or the end, after which no property may follow. */
  properties: DtProperties | null;
}

class StructReader {
  private at: number;
  private depth = 0;
  private readonly levels: Level[] = [];
  private readonly waiting: DtNode[] = [];
  /** Tags of the open node's properties: the first `propertyCount` entries. */
  private readonly offsets: number[] = [];
  private propertyCount = 0;

  constructor(private readonly blob: FdtBlob) {
    this.at = blob.header.structOffset;
  }

  read(): DtNode {
    for (;;) {
      const start = this.at;
      if (start + 4 > this.blob.header.structEnd) {
        throw new IrqError('EOVERFLOW', `structure block ends at ${hex(start)} in ${this.where()} without FDT_END; the file is cut short or damaged`);
      }
      const tag = be32(this.blob.bytes, start);
      this.at += 4;
      if (tag === FDT_BEGIN_NODE) this.beginNode(start);
      else if (tag === FDT_END_NODE) this.endNode(start);
      else if (tag === FDT_PROP) this.property(start);
      else if (tag === FDT_END) return this.end(start);
      else if (tag !== FDT_NOP) throw this.broken(start, `unknown tag ${hex(tag)}`);
    }
  }

  private beginNode(start: number): void {
    if (this.depth === 0 && this.waiting.length > 0) throw this.broken(start, 'a second root node');
    if (this.depth >= this.blob.limits.maxDepth) throw this.broken(start, `more than ${this.blob.limits.maxDepth} levels of nodes`);
    this.sealProperties();
    const name = this.nodeName(start);
    const level = (this.levels[this.depth++] ??= { name: '', firstChild: 0, properties: null });
    level.name = name;
    level.firstChild = this.waiting.length;
    level.properties = null;
  }

  private nodeName(start: number): string {
    const { text, header, limits } = this.blob;
    const longest = Math.min(header.structEnd, this.at + limits.maxNameLength + 1);
    let end = this.at;
    while (end < longest && isNodeNameCode(text.charCodeAt(end))) end++;
    if (end === longest) {
      throw new IrqError('EILSEQ', `name of the node at ${hex(start)} in ${this.where()} has no end within ${limits.maxNameLength} characters and the structure block; the file is damaged`);
    }
    const name = text.slice(this.at, end);
    const root = this.depth === 0;
    // An old spelling of the root's name.
    if (root && name === '' && text.startsWith('/\0', end)) end++;
    if (text.charCodeAt(end) !== 0) throw new IrqError('EILSEQ', `character ${text.charCodeAt(end)} in the name of the node at ${hex(start)} in ${this.where()}; names are printable ASCII without "/"`);
    if (root !== (name === '')) throw this.broken(start, root ? 'a root node with a name' : 'a node without a name');
    this.at = (end + 4) & ~3;
    return name;
  }

  private property(start: number): void {
    const { bytes, header } = this.blob;
    if (this.depth === 0) throw this.broken(start, 'a property outside of any node');
    if (this.levels[this.depth - 1]!.properties !== null) throw this.broken(start, 'a property after a child node');
    const end = start + 12 <= header.structEnd ? start + 12 + be32(bytes, start + 4) : Infinity;
    if (end > header.structEnd) {
      throw new IrqError('EOVERFLOW', `property at ${hex(start)} in ${this.where()} reaches beyond the structure block, which ends at ${hex(header.structEnd)}; the file is damaged`);
    }
    this.blob.checkProperty(start, this.where);
    this.offsets[this.propertyCount++] = start;
    this.at = Math.ceil(end / 4) * 4;
  }

  private sealProperties(): void {
    const level = this.levels[this.depth - 1];
    if (this.depth === 0 || !level || level.properties !== null) return;
    const offsets = this.offsets.slice(0, this.propertyCount);
    this.propertyCount = 0;
    const twice = findDuplicate(offsets.length, (i) => this.blob.nameOf(offsets[i]!));
    if (twice !== undefined) throw new IrqError('EEXIST', `node ${this.where()} has property ${twice} twice; the file is damaged`);
    level.properties = offsets.length > 0 ? new FdtProperties(this.blob, offsets) : NO_PROPERTIES;
  }

  private endNode(start: number): void {
    if (this.depth === 0) throw this.broken(start, 'FDT_END_NODE without a node');
    this.sealProperties();
    const level = this.levels[this.depth - 1]!;
    const children = level.firstChild < this.waiting.length ? this.waiting.slice(level.firstChild) : NO_CHILDREN;
    const twice = findDuplicate(children.length, (i) => children[i]!.name);
    if (twice !== undefined) throw new IrqError('EEXIST', `node ${this.where()} has two children named ${twice}; the file is damaged`);
    this.waiting.length = level.firstChild;
    this.waiting.push(new DtNode(level.name, level.properties!, children));
    this.depth--;
  }

  private end(start: number): DtNode {
    const root = this.waiting[0];
    if (this.depth > 0 || root === undefined) throw this.broken(start, root === undefined && this.depth === 0 ? 'FDT_END before any node' : 'FDT_END inside of a node');
    return root;
  }

  private broken(start: number, what: string): IrqError {
    return new IrqError('EINVAL', `${what} at ${hex(start)} in ${this.where()}; the file is damaged, make it again with dtc`);
  }

  private readonly where = (): string => this.levels.slice(0, this.depth).map((level) => level.name).join('/') || '/';
}
