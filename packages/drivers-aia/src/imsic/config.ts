import type { IrqchipNode } from '@irqchip/irqdomain';
import { IrqError, type Log, type MmioRegion } from '@irqchip/smp';
import { IMSIC } from '../registers.ts';

/** What all interrupt files have in common. @kernel imsic_global_config */
export interface ImsicGlobalConfig {
  /** Address bits, from the page upwards: guest index, hart index; group index from `groupIndexShift`. */
  readonly guestIndexBits: number;
  readonly hartIndexBits: number;
  readonly groupIndexBits: number;
  readonly groupIndexShift: number;
  /** Address of the first page, with all index bits 0. */
  readonly baseAddr: number;
  /** The largest identity. */
  readonly nrIds: number;
  readonly nrGuestIds: number;
}

type IndexBits = Omit<ImsicGlobalConfig, 'baseAddr'>;

/** Clears `count` bits from bit `from` of an address, which has up to 53. */
export function clearBits(address: number, from: number, count: number): number {
  const unit = 2 ** from;
  return address - (Math.floor(address / unit) % 2 ** count) * unit;
}

/** Says what is wrong in the log, as the kernel does, and in an error. */
export function refuse(log: Log, node: IrqchipNode, what: string, cure: string): IrqError {
  log.err(`riscv-imsic: ${node.name}: ${what}`);
  return new IrqError('EINVAL', `${node.path}: ${what}; ${cure}`);
}

/**
 * Reads a `riscv,imsics` node.
 * @param nrParents - how many harts it names.
 * @throws IrqError `EINVAL` for anything that does not fit together; the log says what.
 * @kernel imsic_parse_fwnode
 */
export function parseImsicConfig(node: IrqchipNode, regions: readonly MmioRegion[], nrParents: number, xlen: 32 | 64, log: Log): ImsicGlobalConfig {
  const nrIds = node.u32('riscv,num-ids');
  if (nrIds === undefined) throw refuse(log, node, 'number of interrupt identities not found', 'give it riscv,num-ids.');
  const bits: IndexBits = {
    guestIndexBits: node.u32('riscv,guest-index-bits') ?? 0,
    hartIndexBits: node.u32('riscv,hart-index-bits') ?? Math.ceil(Math.log2(nrParents)),
    groupIndexBits: node.u32('riscv,group-index-bits') ?? 0,
    groupIndexShift: node.u32('riscv,group-index-shift') ?? IMSIC.PAGE_SHIFT * 2,
    nrIds,
    nrGuestIds: node.u32('riscv,num-guest-ids') ?? nrIds,
  };
  const problem = checkBits(bits, xlen) ?? checkIds(bits);
  if (problem !== null) throw refuse(log, node, problem, 'see its riscv,…-bits and riscv,num-…ids properties.');
  const first = regions[0];
  if (first === undefined) throw refuse(log, node, 'first MMIO resource not found', 'give it a reg property.');
  const config = { ...bits, baseAddr: baseAddress(bits, first.base) };
  regions.forEach((region, i) => {
    if (baseAddress(bits, region.base) !== config.baseAddr) {
      throw refuse(log, node, `address mismatch for regset ${i}`, 'its reg entries must differ in the group index bits alone.');
    }
  });
  return config;
}

function checkBits({ guestIndexBits, hartIndexBits, groupIndexBits, groupIndexShift }: IndexBits, xlen: number): string | null {
  const free = xlen - IMSIC.PAGE_SHIFT;
  if (guestIndexBits > free) return 'guest index bits too big';
  if (hartIndexBits > free - guestIndexBits) return 'HART index bits too big';
  if (groupIndexBits > free - guestIndexBits - hartIndexBits) return 'group index bits too big';
  // Unsigned as in the kernel: no bits at shift 0 are refused, too.
  if ((groupIndexBits + groupIndexShift - 1) >>> 0 >= xlen) return 'group index shift too big';
  return null;
}

function checkIds({ nrIds, nrGuestIds }: IndexBits): string | null {
  if (!isIdCount(nrIds)) return 'invalid number of interrupt identities';
  return isIdCount(nrGuestIds) ? null : 'invalid number of guest interrupt identities';
}

function isIdCount(nr: number): boolean {
  return nr >= IMSIC.MIN_ID && nr <= IMSIC.MAX_ID && (nr & IMSIC.MIN_ID) === IMSIC.MIN_ID;
}

function baseAddress({ guestIndexBits, hartIndexBits, groupIndexBits, groupIndexShift }: IndexBits, address: number): number {
  const page = clearBits(address, 0, guestIndexBits + hartIndexBits + IMSIC.PAGE_SHIFT);
  return clearBits(page, groupIndexShift, groupIndexBits);
}
