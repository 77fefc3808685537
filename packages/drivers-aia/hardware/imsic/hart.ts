import type { CsrPort, HartLines } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';
import type { ImsicFile } from './file.ts';
import type { ImsicOptions } from './options.ts';

interface Level { readonly irq: number; readonly iselect: number; readonly ireg: number; readonly topei: number }

/** The CSRs of a file follow from the line that it drives: 9 is the supervisor's, 11 the machine's external interrupt (AIA 3.7). */
export const LEVELS: readonly Level[] = [
  { irq: 9, iselect: 0x150, ireg: 0x151, topei: 0x15c },
  { irq: 11, iselect: 0x350, ireg: 0x351, topei: 0x35c },
];

/** The same three for the guest file that `hstatus.VGEIN` names, and what the hypervisor extension adds. */
const CSR_HSTATUS = 0x600;
const CSR_HGEIE = 0x607;
const CSR_VSISELECT = 0x250;
const CSR_VSIREG = 0x251;
const CSR_VSTOPEI = 0x25c;
const CSR_HGEIP = 0xe12;
const VGEIN_SHIFT = 12;
const VGEIN_MASK = 0x3f;
/** Supervisor guest external interrupt. */
const IRQ_S_GEXT = 12;
const ISELECT_MASK = 0x1ff;

/** Puts a file behind the CSRs of its level. */
export function attachFile(lines: HartLines, hartid: number, { iselect, ireg, topei }: Level, file: ImsicFile): void {
  lines.attachCsr(hartid, iselect, {
    read: () => file.select,
    write: (lo) => void (file.select = lo & ISELECT_MASK),
  });
  lines.attachCsr(hartid, ireg, {
    read: () => file.readIreg(),
    readHi: () => file.readIregHi(),
    write: (lo, hi) => file.writeIreg(lo, hi),
  });
  lines.attachCsr(hartid, topei, {
    read: () => file.topei(),
    write: () => void file.claim(),
    swap: () => file.claim(),
  });
}

/**
 * What a hart's guest files lead to: bits 1 and up of `hgeip`, and, with `hgeie`, the supervisor guest external interrupt
 * (privileged architecture, hypervisor extension). Of `hstatus` only VGEIN is here.
 */
export class GuestCsrs {
  private readonly lines: HartLines;
  private readonly hartid: number;
  private readonly count: number;
  private readonly fileOf: (guest: number) => ImsicFile;
  private readonly options: ImsicOptions;
  private readonly pending: Int32Array = new Int32Array(2);
  private readonly enabled: Int32Array = new Int32Array(2);
  private vgein = 0;
  private vsiselect = 0;
  private level = false;

  constructor(lines: HartLines, hartid: number, count: number, fileOf: (guest: number) => ImsicFile, options: ImsicOptions) {
    this.lines = lines;
    this.hartid = hartid;
    this.count = count;
    this.fileOf = fileOf;
    this.options = options;
    this.attach();
  }

  /** The line of a guest file. */
  signal(guest: number, level: boolean): void {
    if (level) this.pending[guest >>> 5]! |= 1 << (guest & 31);
    else this.pending[guest >>> 5]! &= ~(1 << (guest & 31));
    this.update();
  }

  private attach(): void {
    const put = (csr: number, port: CsrPort): void => this.lines.attachCsr(this.hartid, csr, port);
    put(CSR_HSTATUS, { read: () => this.vgein << VGEIN_SHIFT, write: (lo) => void (this.vgein = (lo >>> VGEIN_SHIFT) & VGEIN_MASK) });
    put(CSR_HGEIP, { read: () => this.pending[0]!, readHi: () => this.pending[1]!, write: () => undefined });
    put(CSR_HGEIE, { read: () => this.enabled[0]!, readHi: () => this.enabled[1]!, write: (lo, hi) => this.enable(lo, hi) });
    put(CSR_VSISELECT, { read: () => this.vsiselect, write: (lo) => void (this.vsiselect = lo & ISELECT_MASK) });
    put(CSR_VSIREG, {
      read: () => this.file()?.readIreg() ?? 0,
      readHi: () => this.file()?.readIregHi() ?? 0,
      write: (lo, hi) => this.file()?.writeIreg(lo, hi),
    });
    put(CSR_VSTOPEI, {
      read: () => this.file()?.topei() ?? 0,
      write: () => void this.file()?.claim(),
      swap: () => this.file()?.claim() ?? 0,
    });
  }

  private enable(lo: number, hi: number): void {
    this.enabled[0] = lo & this.implemented(0);
    this.enabled[1] = hi & this.implemented(1);
    this.update();
  }

  /** Bits of `hgeie` that exist, in one half: 1 to the number of files. */
  private implemented(half: number): number {
    const last = this.count - 32 * half;
    const upTo = last >= 31 ? -1 : last < 0 ? 0 : (2 << last) - 1;
    return half === 0 ? upTo & ~1 : upTo;
  }

  /** The file that VGEIN names. @throws IrqError `EINVAL` when there is none, unless told to ignore that. */
  private file(): ImsicFile | null {
    const { vgein } = this;
    if (vgein >= 1 && vgein <= this.count) {
      const file = this.fileOf(vgein);
      file.select = this.vsiselect;
      return file;
    }
    if (this.options.illegalCsr === 'ignore') return null;
    throw new IrqError('EINVAL', `Illegal instruction: hstatus.VGEIN is ${vgein} on hart ${this.hartid}, which has guest interrupt files 1 to ${this.count}.`);
  }

  private update(): void {
    const level = (this.pending[0]! & this.enabled[0]!) !== 0 || (this.pending[1]! & this.enabled[1]!) !== 0;
    if (level === this.level) return;
    this.level = level;
    this.lines.setLine(this.hartid, IRQ_S_GEXT, level);
  }
}
