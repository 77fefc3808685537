import type { Smp } from '@irqchip/smp';
import * as nr from '@irqchip/riscv';
import type { Csr, Harts } from '@irqchip/riscv';

/** The CSRs of all harts: `ie` and `ip` of the mode, `time`, `stimecmp`, and any other as plain storage. */
export class FakeCsr implements Csr {
  /** Every access, as `set 104 20`. */
  readonly accesses: string[] = [];
  ticks = 0n;
  private readonly harts: Map<number, { lo: number; hi: number }>[];

  constructor(private readonly smp: Smp, private readonly h: Harts) {
    this.harts = h.hartids.map(() => new Map<number, { lo: number; hi: number }>());
  }

  cell(cpu: number, csr: number): { lo: number; hi: number } {
    const file = this.harts[cpu]!;
    let cell = file.get(csr);
    if (!cell) file.set(csr, (cell = csr === nr.CSR_STIMECMP ? { lo: -1, hi: -1 } : csr === nr.CSR_STIMECMPH ? { lo: -1, hi: 0 } : { lo: 0, hi: 0 }));
    return cell;
  }

  pend(cpu: number, irq: number): void { this.cell(cpu, this.h.csr.ip).lo |= 1 << irq; }
  enabled(cpu: number, irq: number): boolean { return (this.cell(cpu, this.h.csr.ie).lo & (1 << irq)) !== 0; }

  /** stimecmp of a hart, both halves. */
  stimecmp(cpu: number): bigint {
    const low = this.cell(cpu, nr.CSR_STIMECMP);
    const hi = this.h.xlen === 32 ? this.cell(cpu, nr.CSR_STIMECMPH).lo : low.hi;
    return (BigInt(hi >>> 0) << 32n) | BigInt(low.lo >>> 0);
  }

  /** The best pending and enabled cause, or -1. */
  pending(cpu: number): number {
    const stip = this.h.mode === 'S' && this.ticks >= this.stimecmp(cpu) ? 1 << this.h.irq.timer : 0;
    const both = (this.cell(cpu, this.h.csr.ip).lo | stip) & this.cell(cpu, this.h.csr.ie).lo;
    return both === 0 ? -1 : 31 - Math.clz32(both);
  }

  read(csr: number): number {
    if (csr === nr.CSR_TIME) return Number(BigInt.asIntN(32, this.ticks));
    if (csr === nr.CSR_TIMEH) return Number(BigInt.asIntN(32, this.ticks >> 32n));
    return this.cell(this.smp.cpus.current, csr).lo;
  }

  readHi(csr: number): number {
    if (csr === nr.CSR_TIME) return Number(BigInt.asIntN(32, this.ticks >> 32n));
    return this.cell(this.smp.cpus.current, csr).hi;
  }

  write(csr: number, lo: number, hi = 0): void {
    this.accesses.push(`write ${csr.toString(16)} ${(lo >>> 0).toString(16)} ${(hi >>> 0).toString(16)}`);
    Object.assign(this.cell(this.smp.cpus.current, csr), { lo, hi });
  }

  set(csr: number, lo: number, hi = 0): void {
    this.accesses.push(`set ${csr.toString(16)} ${(lo >>> 0).toString(16)} ${(hi >>> 0).toString(16)}`);
    const cell = this.cell(this.smp.cpus.current, csr);
    cell.lo |= lo;
    cell.hi |= hi;
  }

  clear(csr: number, lo: number, hi = 0): void {
    this.accesses.push(`clear ${csr.toString(16)} ${(lo >>> 0).toString(16)} ${(hi >>> 0).toString(16)}`);
    const cell = this.cell(this.smp.cpus.current, csr);
    cell.lo &= ~lo;
    cell.hi &= ~hi;
  }

  swap(csr: number, lo: number): number {
    const old = this.read(csr);
    this.write(csr, lo);
    return old;
  }
}
