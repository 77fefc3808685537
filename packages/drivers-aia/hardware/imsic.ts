import type { CsrPort, HardwareContext, HardwareModel, HartLines } from '@irqchip/riscv';
import { IrqError, type MmioDevice } from '@irqchip/smp';
import { IMSIC, IMSIC_COMPATIBLE } from '../src/registers.ts';
import { ImsicFile } from './imsic-file.ts';

/** What an IMSIC may be told apart from its device-tree node. */
export interface ImsicOptions {
  /** Keep message writes in a queue per interrupt file until {@link ImsicHardware.flush}. Default false. */
  delayed?: boolean;
  /** Whether writes to `seteipnum_be` count; a little-endian machine may leave it out. Default true. */
  seteipnumBe?: boolean;
}

interface Level { readonly irq: number; readonly iselect: number; readonly ireg: number; readonly topei: number }

/** The CSRs of a file follow from the line that it drives: 9 is the supervisor's, 11 the machine's external interrupt. */
const LEVELS: readonly Level[] = [
  { irq: 9, iselect: 0x150, ireg: 0x151, topei: 0x15c },
  { irq: 11, iselect: 0x350, ireg: 0x351, topei: 0x35c },
];

interface Page { readonly file: ImsicFile; readonly queue: number[] }

/** All interrupt files of one `riscv,imsics` node. */
export class ImsicHardware {
  readonly devices: readonly MmioDevice[];
  private readonly pages: (Page | null)[] = [];
  private readonly perHart: number;
  private readonly hartAt = new Map<number, number>();
  private readonly delayed: boolean;
  private readonly bigEndian: boolean;

  /** @throws IrqError `EINVAL` when the node does not describe an IMSIC. */
  constructor(ctx: HardwareContext, options: ImsicOptions = {}) {
    const { node, regions, targets } = ctx;
    this.delayed = options.delayed ?? false;
    this.bigEndian = options.seteipnumBe ?? true;
    this.perHart = 1 << (node.u32('riscv,guest-index-bits') ?? 0);
    const nrIds = checkIds(node.path, node.u32('riscv,num-ids'));
    const nrGuestIds = checkIds(node.path, node.u32('riscv,num-guest-ids') ?? nrIds);
    for (const target of targets) this.addHart(ctx, target.hartid, target.irq, nrIds, nrGuestIds);
    let first = 0;
    this.devices = regions.map(({ size }) => {
      const device = this.region(first);
      // A region holds whole groups of pages; its last one may be cut short.
      first += Math.ceil(size / (IMSIC.PAGE_SIZE * this.perHart)) * this.perHart;
      return device;
    });
  }

  /** The interrupt file of a hart; `guest` 0 is the hart's own. @throws IrqError `ENOENT` without such a file. */
  file(hartid: number, guest = 0): ImsicFile {
    return this.page(hartid, guest).file;
  }

  /** Messages that wait, of one hart's own file or of all files. */
  waiting(hartid?: number): number {
    if (hartid !== undefined) return this.page(hartid, 0).queue.length;
    return this.pages.reduce((sum, page) => sum + (page === null ? 0 : page.queue.length), 0);
  }

  /** Lets waiting messages arrive, oldest first: all, those of one hart, or the first `count` of one hart. */
  flush(hartid?: number, count: number = Infinity): void {
    const pages = hartid === undefined ? this.pages : [this.page(hartid, 0)];
    for (const page of pages) {
      for (let left = count; page !== null && left > 0 && page.queue.length > 0; left--) page.file.setPending(page.queue.shift()!);
    }
  }

  private page(hartid: number, guest: number): Page {
    const first = this.hartAt.get(hartid);
    const page = first === undefined || guest >= this.perHart ? undefined : this.pages[first + guest];
    if (!page) throw new IrqError('ENOENT', `This IMSIC has no interrupt file ${guest} for hart ${hartid}; it serves harts ${[...this.hartAt.keys()].join(', ')}.`);
    return page;
  }

  private addHart({ lines, xlen }: HardwareContext, hartid: number | null, irq: number, nrIds: number, nrGuestIds: number): void {
    const level = LEVELS.find((candidate) => candidate.irq === irq);
    const own = hartid === null || !level ? null : new ImsicFile(nrIds, xlen, (high) => lines.setLine(hartid, irq, high));
    if (own !== null) {
      this.hartAt.set(hartid!, this.pages.length);
      attach(lines, hartid!, level!, own);
    }
    this.pages.push(own === null ? null : { file: own, queue: [] });
    for (let guest = 1; guest < this.perHart; guest++) {
      // The lines of guest files lead to hgeip, which is not modelled.
      this.pages.push(own === null ? null : { file: new ImsicFile(nrGuestIds, xlen, () => undefined), queue: [] });
    }
  }

  private region(first: number): MmioDevice {
    return {
      read: () => 0,
      write: (offset, width, value) => this.write(this.pages[first + (offset >>> IMSIC.PAGE_SHIFT)] ?? null, offset & (IMSIC.PAGE_SIZE - 1), width, value),
    };
  }

  private write(page: Page | null, offset: number, width: number, value: number): void {
    if (page === null || width !== 4) return;
    if (offset === IMSIC.SETEIPNUM_LE) this.message(page, value >>> 0);
    else if (offset === IMSIC.SETEIPNUM_BE && this.bigEndian) this.message(page, swapBytes(value));
  }

  private message(page: Page, id: number): void {
    if (this.delayed) page.queue.push(id);
    else page.file.setPending(id);
  }
}

function checkIds(path: string, nr: number | undefined): number {
  if (nr === undefined || nr < IMSIC.MIN_ID || nr > IMSIC.MAX_ID || (nr & 63) !== 63) {
    throw new IrqError('EINVAL', `${path}: riscv,num-ids and riscv,num-guest-ids are 64 * n - 1, from 63 to 2047; this node says ${nr ?? 'nothing'}.`);
  }
  return nr;
}

function swapBytes(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function attach(lines: HartLines, hartid: number, { iselect, ireg, topei }: Level, file: ImsicFile): void {
  const select: CsrPort = {
    read: () => file.select,
    write: (lo) => void (file.select = lo & 0x1ff),
  };
  const indirect: CsrPort = {
    read: () => file.readIreg(),
    readHi: () => file.readIregHi(),
    write: (lo, hi) => file.writeIreg(lo, hi),
  };
  const top: CsrPort = {
    read: () => file.topei(),
    write: () => void file.claim(),
    swap: () => file.claim(),
  };
  lines.attachCsr(hartid, iselect, select);
  lines.attachCsr(hartid, ireg, indirect);
  lines.attachCsr(hartid, topei, top);
}

/** The model of IMSICs. */
export interface ImsicModel extends HardwareModel {
  create(ctx: HardwareContext): ImsicHardware;
}

/** Makes an IMSIC from its device-tree node; `options` of the context are {@link ImsicOptions}. */
export const imsicHardware: ImsicModel = {
  compatible: [IMSIC_COMPATIBLE],
  create: (ctx) => new ImsicHardware(ctx, (ctx.options ?? {})),
};
