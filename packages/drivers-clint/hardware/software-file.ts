import type { HartLines } from '@irqchip/riscv';
import { drive, type Output } from './output.ts';
import { PostedClears } from './posted.ts';

/**
 * Registers whose bit 0 is a software interrupt: MSIP (ACLINT 3.2), and the registers of an SSWI where they are levels. The
 * upper bits read 0. Accesses of 4 bytes; others read 0 and are dropped.
 */
export class SoftwareFile {
  private readonly bits: Uint8Array;
  private readonly posted: PostedClears | null;

  constructor(private readonly outputs: readonly Output[], private readonly lines: HartLines, posted: boolean) {
    this.bits = new Uint8Array(outputs.length);
    this.posted = posted ? new PostedClears((index) => this.set(index, 0)) : null;
  }

  /** Lets posted clears arrive. */
  flush(): void { this.posted?.flush(); }

  /** How many clears are under way. */
  get postedCount(): number { return this.posted?.count ?? 0; }

  read(offset: number, width: number): number {
    this.flush();
    return width >= 4 ? (this.bits[offset >>> 2] ?? 0) : 0;
  }

  write(offset: number, width: number, value: number): void {
    const index = offset >>> 2;
    if (width < 4 || index >= this.outputs.length) return;
    if ((value & 1) === 0 && this.posted !== null) this.posted.post(index);
    else this.set(index, value & 1);
  }

  private set(index: number, value: number): void {
    this.bits[index] = value;
    drive(this.lines, this.outputs[index], value !== 0);
  }
}
