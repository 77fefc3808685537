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

/** A hart has at most so many guest files (AIA 1.0, section 3.1: GEILEN). */
const MAX_GUESTS = 63;

/** The pages of one hart: its own file, and those of its guests, made when first asked for. */
class HartPages {
  private readonly pages: Page[] = [];

  constructor(own: ImsicFile, private readonly nrGuests: number, private readonly makeGuest: () => ImsicFile) {
    this.pages[0] = { file: own, queue: [] };
  }

  page(guest: number): Page | null {
    if (guest > this.nrGuests) return null;
    return (this.pages[guest] ??= { file: this.makeGuest(), queue: [] });
  }

  /** Pages that somebody used. */
  used(): Page[] { return this.pages.filter(() => true); }
}

/** All interrupt files of one `riscv,imsics` node. */
export class ImsicHardware {
  readonly devices: readonly MmioDevice[];
  /** By logical index: the position in `interrupts-extended`. */
  private readonly harts: (HartPages | null)[] = [];
  /** Pages a hart takes up in the address space. */
  private readonly perHart: number;
  private readonly hartAt = new Map<number, number>();
  private readonly delayed: boolean;
  private readonly bigEndian: boolean;

  /** @throws IrqError `EINVAL` when the node does not describe an IMSIC. */
  constructor(ctx: HardwareContext, options: ImsicOptions = {}) {
    const { node, regions, targets } = ctx;
    this.delayed = options.delayed ?? false;
    this.bigEndian = options.seteipnumBe ?? true;
    this.perHart = 2 ** (node.u32('riscv,guest-index-bits') ?? 0);
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
    return this.used().reduce((sum, { queue }) => sum + queue.length, 0);
  }

  /** Lets waiting messages arrive, oldest first: all, those of one hart, or the first `count` of one hart. */
  flush(hartid?: number, count: number = Infinity): void {
    for (const { file, queue } of hartid === undefined ? this.used() : [this.page(hartid, 0)]) {
      for (let left = count; left > 0 && queue.length > 0; left--) file.setPending(queue.shift()!);
    }
  }

  private used(): Page[] { return this.harts.flatMap((hart) => hart?.used() ?? []); }

  private page(hartid: number, guest: number): Page {
    const page = this.harts[this.hartAt.get(hartid) ?? -1]?.page(guest);
    if (!page) throw new IrqError('ENOENT', `This IMSIC has no interrupt file ${guest} for hart ${hartid}; it serves harts ${[...this.hartAt.keys()].join(', ')}.`);
    return page;
  }

  private addHart({ lines, xlen }: HardwareContext, hartid: number | null, irq: number, nrIds: number, nrGuestIds: number): void {
    const level = LEVELS.find((candidate) => candidate.irq === irq);
    const own = hartid === null || !level ? null : new ImsicFile(nrIds, xlen, (high) => lines.setLine(hartid, irq, high));
    if (own !== null) {
      this.hartAt.set(hartid!, this.harts.length);
      attach(lines, hartid!, level!, own);
    }
    // The lines of guest files lead to hgeip, which is not modelled.
    const guest = (): ImsicFile => new ImsicFile(nrGuestIds, xlen, () => undefined);
    this.harts.push(own === null ? null : new HartPages(own, Math.min(this.perHart - 1, MAX_GUESTS), guest));
  }

  private region(first: number): MmioDevice {
    return {
      read: () => 0,
      write: (offset, width, value) => this.write(this.pageAt(first + Math.floor(offset / IMSIC.PAGE_SIZE)), offset & (IMSIC.PAGE_SIZE - 1), width, value),
    };
  }

  private pageAt(index: number): Page | null {
    return this.harts[Math.floor(index / this.perHart)]?.page(index % this.perHart) ?? null;
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
