import { IrqError } from '@irqchip/smp';
import type { CsrPort } from '@irqchip/riscv';

/** Major interrupts from the highest default priority to the lowest (AIA 1.0, section 5.1; privileged architecture 3.1.9). */
const PRIORITY = [11, 3, 7, 9, 1, 5, 12, 10, 2, 6, 13] as const;

/** Which CSRs of the interrupt file a privilege mode sees. */
export interface HartCsrs { readonly ie: number; readonly ip: number; readonly topi: number }

/**
 * The interrupt side of one hart as the kernel's privilege mode sees it: an enable and a pending register, and the trap that
 * follows when both have a bit. Wired bits follow their line; software bits stay until software clears them.
 */
export class Hart {
  /** Enabled interrupts, the `sie`/`mie` of the mode; local interrupts above 31 can be enabled but have no wire. */
  ie = 0;
  private ieHi = 0;
  /** Wired and software bits together, the `sip`/`mip` of the mode. */
  ip = 0;
  /** Not running: stopped, or never started. */
  halted = true;
  private wired = 0;
  private soft = 0;
  private readonly ports = new Map<number, CsrPort>();

  /**
   * @param visible - interrupts that this privilege mode sees; others belong to the firmware above it.
   * @param writable - bits of `ip` that software may set and clear.
   * @param changed - told when `ip & ie` may have become, or ceased to be, zero.
   */
  constructor(
    readonly hartid: number,
    private readonly csrs: HartCsrs,
    private readonly visible: number,
    private readonly writable: number,
    private readonly changed: (hart: Hart) => void,
  ) {}

  /** Drives the wire of a local interrupt. One above 31 has none: trees mark a context that is not there by one of 0xffffffff. */
  setLine(irq: number, level: boolean): void {
    if (irq > 31) return;
    if (level) this.wired |= 1 << irq;
    else this.wired &= ~(1 << irq);
    this.update();
  }

  /** Sets a software bit. */
  pend(irq: number): void {
    this.soft |= 1 << irq;
    this.update();
  }

  /** Clears a software bit. */
  clearPend(irq: number): void {
    this.soft &= ~(1 << irq);
    this.update();
  }

  attach(csr: number, port: CsrPort): void {
    if (this.ports.has(csr)) throw new IrqError('EBUSY', `Hart ${this.hartid} has a device behind CSR 0x${csr.toString(16)} already.`);
    this.ports.set(csr, port);
  }

  read(csr: number): number {
    if (csr === this.csrs.ip) return this.ip;
    if (csr === this.csrs.ie) return this.ie;
    if (csr === this.csrs.topi) return this.topi();
    return this.port(csr).read();
  }

  readHi(csr: number): number {
    if (csr === this.csrs.ie) return this.ieHi;
    if (csr === this.csrs.ip || csr === this.csrs.topi) return 0;
    return this.port(csr).readHi?.() ?? 0;
  }

  write(csr: number, lo: number, hi: number): void {
    if (csr === this.csrs.ip) this.soft = (this.soft & ~this.writable) | (lo & this.writable);
    else if (csr === this.csrs.ie) { this.ie = lo; this.ieHi = hi; }
    else if (csr === this.csrs.topi) return;
    else return this.port(csr).write(lo, hi);
    this.update();
  }

  /** Reads, then writes: what csrrw does in one instruction. */
  swap(csr: number, lo: number): number {
    const port = this.ports.get(csr);
    if (port?.swap) return port.swap(lo);
    const old = this.read(csr);
    this.write(csr, lo, 0);
    return old;
  }

  /** The interrupt a trap would be taken for, 0 for none. */
  cause(): number {
    const ready = this.ip & this.ie;
    if (ready === 0) return 0;
    for (let i = 0; i < PRIORITY.length; i++) if (ready & (1 << PRIORITY[i]!)) return PRIORITY[i]!;
    return 31 - Math.clz32(ready);
  }

  private topi(): number {
    const cause = this.cause();
    return cause === 0 ? 0 : (cause << 16) | 1;
  }

  private update(): void {
    this.ip = (this.wired | this.soft) & this.visible;
    this.changed(this);
  }

  private port(csr: number): CsrPort {
    const port = this.ports.get(csr);
    if (!port) throw new IrqError('EINVAL', `Illegal instruction: hart ${this.hartid} has no CSR 0x${csr.toString(16)}.`);
    return port;
  }
}
