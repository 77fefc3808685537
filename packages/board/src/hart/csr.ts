import type { Csr } from '@irqchip/riscv';
import type { Cpus } from '@irqchip/smp';
import type { Hart } from './hart.ts';

/** CSR instructions of the hart that runs now. Each is a point at which an interrupt may be taken. */
export class MachineCsr implements Csr {
  constructor(private readonly cpus: Cpus, private readonly harts: readonly Hart[]) {}

  read(csr: number): number {
    const value = this.hart().read(csr);
    this.cpus.boundary();
    return value;
  }

  readHi(csr: number): number { return this.hart().readHi(csr); }

  write(csr: number, lo: number, hi: number = 0): void {
    this.hart().write(csr, lo, hi);
    this.cpus.boundary();
  }

  set(csr: number, lo: number, hi: number = 0): void {
    const hart = this.hart();
    hart.write(csr, hart.read(csr) | lo, hart.readHi(csr) | hi);
    this.cpus.boundary();
  }

  clear(csr: number, lo: number, hi: number = 0): void {
    const hart = this.hart();
    hart.write(csr, hart.read(csr) & ~lo, hart.readHi(csr) & ~hi);
    this.cpus.boundary();
  }

  swap(csr: number, lo: number): number {
    const old = this.hart().swap(csr, lo);
    this.cpus.boundary();
    return old;
  }

  private hart(): Hart { return this.harts[this.cpus.current]!; }
}
