import type { HardwareContext } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import { APLIC } from '../../src/registers.ts';
import type { AplicOptions } from './options.ts';

/** Sources `first` to `last` go to child number `child`. */
export interface Delegation { readonly child: number; readonly first: number; readonly last: number }

/** What the device-tree node says, checked. */
export interface AplicBinding {
  readonly sources: number;
  /** Delivery modes that the domain has: direct with `interrupts-extended`, messages with `msi-parent`. */
  readonly direct: boolean;
  readonly msi: boolean;
  readonly msiParent: number | undefined;
  /** Phandles, by child index. */
  readonly children: readonly number[];
  readonly delegations: readonly Delegation[];
  /** Hart index of each entry of `interrupts-extended`. */
  readonly hartIndexes: readonly number[];
  readonly iprioBits: number;
}

const MIN_REGION = 0x4000;

/** @throws IrqError `EINVAL` when the node does not describe an APLIC. */
export function readBinding(ctx: HardwareContext, options: AplicOptions): AplicBinding {
  const { node, regions, targets } = ctx;
  const refuse = (what: string): never => { throw new IrqError('EINVAL', `${node.path}: ${what}`); };
  const sources = node.u32('riscv,num-sources');
  if (sources === undefined || sources < 1 || sources > APLIC.MAX_SOURCES) return refuse(`riscv,num-sources is 1 to ${APLIC.MAX_SOURCES}; this node says ${sources ?? 'nothing'}.`);
  const size = regions[0]?.size ?? 0;
  if (size < MIN_REGION || size % 0x1000 !== 0) refuse(`reg names a region of whole 4 KiB pages, 16 KiB or more; this one has ${size} bytes.`);
  const iprioBits = options.iprioBits ?? 3;
  if (!Number.isInteger(iprioBits) || iprioBits < 1 || iprioBits > 8) refuse(`iprioBits is 1 to 8, not ${iprioBits}.`);
  const direct = targets.length > 0;
  const msiParent = node.u32('msi-parent');
  if (!direct && msiParent === undefined) refuse('an APLIC has interrupts-extended, msi-parent or both; this node has neither.');
  const children = node.u32s('riscv,children') ?? [];
  return {
    sources, direct, msi: msiParent !== undefined, msiParent, children, iprioBits,
    delegations: readDelegations(node.u32s('riscv,delegation') ?? [], children, sources, refuse),
    hartIndexes: readHartIndexes(node.u32s('riscv,hart-indexes'), targets.length, Math.floor((size - APLIC.IDC_BASE) / APLIC.IDC_SIZE), refuse),
  };
}

type Refuse = (what: string) => never;

function readHartIndexes(listed: readonly number[] | undefined, entries: number, structures: number, refuse: Refuse): readonly number[] {
  const indexes = listed ?? Array.from({ length: entries }, (_, k) => k);
  if (listed && entries > 0 && listed.length !== entries) refuse(`riscv,hart-indexes lists ${listed.length} hart indexes for ${entries} entries of interrupts-extended; give one for each.`);
  if (new Set(indexes).size !== indexes.length) refuse('riscv,hart-indexes names a hart index twice.');
  const last = entries === 0 ? -1 : indexes.reduce((most, index) => Math.max(most, index), -1);
  if (last >= APLIC.MAX_IDC) refuse(`hart indexes are 0 to ${APLIC.MAX_IDC - 1}; this node has ${last}.`);
  if (last >= structures) refuse(`hart index ${last} needs an interrupt delivery control structure at 0x${(APLIC.IDC_BASE + last * APLIC.IDC_SIZE).toString(16)}; make the region in reg larger.`);
  return indexes;
}

function readDelegations(cells: readonly number[], children: readonly number[], sources: number, refuse: Refuse): Delegation[] {
  if (cells.length % 3 !== 0) refuse(`riscv,delegation has ${cells.length} cells; each entry is a child, a first and a last source.`);
  return Array.from({ length: cells.length / 3 }, (_, k) => {
    const [phandle, first, last] = [cells[3 * k]!, cells[3 * k + 1]!, cells[3 * k + 2]!];
    const child = children.indexOf(phandle);
    if (child < 0) refuse(`riscv,delegation names phandle ${phandle}, which riscv,children does not list.`);
    if (first < 1 || last > sources || first > last) refuse(`riscv,delegation names sources ${first} to ${last}; this domain has 1 to ${sources}.`);
    return { child, first, last };
  });
}
