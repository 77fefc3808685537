import type { DeviceClock, HardwareContext, HardwareModel } from '@irqchip/riscv';
import { IrqError, type MmioDevice } from '@irqchip/smp';
import { IMSIC, IMSIC_COMPATIBLE } from '../../src/registers.ts';
import { ImsicFile } from './file.ts';
import { attachFile, GuestCsrs, LEVELS } from './hart.ts';
import { imsicSwitches, type ImsicOptions } from './options.ts';

interface Page { readonly file: ImsicFile; readonly queue: number[] }

/** The pages of one hart: its own file, and those of its guests, made when first asked for. */
class HartPages {
  private readonly pages: Page[] = [];

  constructor(own: ImsicFile, private readonly nrGuests: number, private readonly makeGuest: (guest: number) => ImsicFile) {
    this.pages[0] = { file: own, queue: [] };
  }

  page(guest: number): Page | null {
    if (guest > this.nrGuests) return null;
    return (this.pages[guest] ??= { file: this.makeGuest(guest), queue: [] });
  }

  /** Pages that somebody used. */
  used(): Page[] { return this.pages.filter(() => true); }
}

/** How the pages lie in the address space, each number as its device-tree property. */
export interface ImsicLayout {
  /** Address of the first page, in bytes. */
  readonly base: number;
  readonly guestIndexBits: number;
  readonly hartIndexBits: number;
  readonly groupIndexBits: number;
  readonly groupIndexShift: number;
}

/** All interrupt files of one `riscv,imsics` node. */
export class ImsicHardware {
  readonly devices: readonly MmioDevice[];
  /** The line that its files drive: 9 or 11; undefined when they drive none. */
  readonly irq: number | undefined;
  readonly layout: ImsicLayout;
  /** By logical index: the position in `interrupts-extended`. */
  private readonly harts: (HartPages | null)[] = [];
  /** Pages a hart takes up in the address space. */
  private readonly perHart: number;
  private readonly hartAt = new Map<number, number>();
  private readonly options: ImsicOptions;
  private readonly clock: DeviceClock;

  /** @throws IrqError `EINVAL` when the node does not describe an IMSIC. */
  constructor(ctx: HardwareContext, options: ImsicOptions = {}) {
    const { node, regions, targets } = ctx;
    this.options = imsicSwitches(options);
    this.clock = ctx.clock;
    const guestIndexBits = node.u32('riscv,guest-index-bits') ?? 0;
    this.layout = {
      base: regions[0]?.base ?? 0,
      guestIndexBits,
      hartIndexBits: node.u32('riscv,hart-index-bits') ?? Math.ceil(Math.log2(Math.max(targets.length, 1))),
      groupIndexBits: node.u32('riscv,group-index-bits') ?? 0,
      groupIndexShift: node.u32('riscv,group-index-shift') ?? 24,
    };
    this.perHart = 2 ** guestIndexBits;
    const nrIds = checkIds(node.path, node.u32('riscv,num-ids'));
    const nrGuestIds = checkIds(node.path, node.u32('riscv,num-guest-ids') ?? nrIds);
    for (const target of targets) this.addHart(ctx, target.hartid, target.irq, nrIds, nrGuestIds);
    this.irq = targets.find(({ irq }) => LEVELS.some((level) => level.irq === irq))?.irq;
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

  /** Whether line `irq` of the hart comes from here. */
  serves(hartid: number, irq: number): boolean { return irq === this.irq && this.hartAt.has(hartid); }

  /** The signal that a PLIC or APLIC has for the hart, which counts while `eidelivery` is 0x40000000 (AIA 3.8.1). */
  alternate(hartid: number, level: boolean): void { this.page(hartid, 0).file.setAlternate(level); }

  /** Messages that wait, of one hart's own file or of all files. */
  waiting(hartid?: number): number {
    if (hartid !== undefined) return this.page(hartid, 0).queue.length;
    return this.used().reduce((sum, { queue }) => sum + queue.length, 0);
  }

  /** Lets waiting messages arrive, oldest first: all, those of one hart, or the first `count` of one hart. */
  flush(hartid?: number, count: number = Infinity): void {
    for (const page of hartid === undefined ? this.used() : [this.page(hartid, 0)]) {
      for (let left = count; left > 0 && page.queue.length > 0; left--) arrive(page);
    }
  }

  private used(): Page[] { return this.harts.flatMap((hart) => hart?.used() ?? []); }

  private page(hartid: number, guest: number): Page {
    const page = this.harts[this.hartAt.get(hartid) ?? -1]?.page(guest);
    if (!page) throw new IrqError('ENOENT', `This IMSIC has no interrupt file ${guest} for hart ${hartid}; it serves harts ${[...this.hartAt.keys()].join(', ')}.`);
    return page;
  }

  private addHart({ lines, xlen }: HardwareContext, hartid: number | null, irq: number, nrIds: number, nrGuestIds: number): void {
    const { options } = this;
    const level = LEVELS.find((candidate) => candidate.irq === irq);
    if (hartid === null || !level) {
      this.harts.push(null);
      return;
    }
    const own = new ImsicFile(nrIds, xlen, (high) => lines.setLine(hartid, irq, high), options);
    // GEILEN is at most 31 or 63 (hypervisor extension).
    const nrGuests = Math.min(this.perHart, xlen) - 1;
    const guestOptions: ImsicOptions = { ...options, alternateDelivery: false };
    const guest = (number: number): ImsicFile => new ImsicFile(nrGuestIds, xlen, (high) => csrs?.signal(number, high), guestOptions);
    const pages = new HartPages(own, nrGuests, guest);
    const csrs = nrGuests > 0 && irq === 9 ? new GuestCsrs(lines, hartid, nrGuests, (number) => pages.page(number)!.file, options) : null;
    this.hartAt.set(hartid, this.harts.length);
    attachFile(lines, hartid, level, own);
    this.harts.push(pages);
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

  /** AIA 3.5. */
  private write(page: Page | null, offset: number, width: number, value: number): void {
    if (page === null || (width !== 4 && !(width === 8 && this.options.splitWide))) return;
    if (offset === IMSIC.SETEIPNUM_LE) this.message(page, value >>> 0);
    else if (offset === IMSIC.SETEIPNUM_BE && this.options.seteipnumBe !== false) this.message(page, swapBytes(value));
  }

  private message(page: Page, id: number): void {
    const { delayed = false, msiDelayNs = 0 } = this.options;
    if (!delayed && msiDelayNs === 0) page.file.setPending(id);
    else this.later(page, id, delayed ? null : msiDelayNs);
  }

  /** @param delayNs - null: when somebody flushes. */
  private later(page: Page, id: number, delayNs: number | null): void {
    page.queue.push(id);
    if (delayNs !== null) this.clock.at(this.clock.nowNs() + delayNs, () => arrive(page));
  }
}

/** The oldest message of a page takes effect (AIA 3.5: in store order). */
function arrive({ file, queue }: Page): void {
  const id = queue.shift();
  if (id !== undefined) file.setPending(id);
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

/** The model of IMSICs. */
export interface ImsicModel extends HardwareModel {
  create(ctx: HardwareContext): ImsicHardware;
}

/** Makes an IMSIC from its device-tree node; `options` of the context are {@link ImsicOptions}. */
export const imsicHardware: ImsicModel = {
  compatible: [IMSIC_COMPATIBLE],
  create: (ctx) => new ImsicHardware(ctx, (ctx.options ?? {})),
};
