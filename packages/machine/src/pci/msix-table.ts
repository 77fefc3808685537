import { PCI_MSIX_ENTRY, type MsixPort } from '@irqchip/msi';
import type { DeviceDma } from '@irqchip/riscv';

const { SIZE, LOWER_ADDR, UPPER_ADDR, DATA, VECTOR_CTRL, CTRL_MASKBIT } = PCI_MSIX_ENTRY;
const WORDS = SIZE / 4;
const TWO_32 = 0x1_0000_0000;

/** The MSI-X table of a PCI device and its pending bits (PCI 3.0, 6.8). A vector that is masked when it fires goes out once it is not. */
export class MsixTable implements MsixPort {
  private readonly words: Int32Array;
  private readonly pending: Uint8Array;
  private enabled = false;
  private maskAll = false;

  constructor(readonly tableSize: number, private readonly dma: DeviceDma) {
    this.words = new Int32Array(tableSize * WORDS);
    this.pending = new Uint8Array(tableSize);
    for (let vector = 0; vector < tableSize; vector++) this.words[vector * WORDS + VECTOR_CTRL / 4] = CTRL_MASKBIT;
  }

  readl(offset: number): number { return this.words[offset >>> 2] ?? 0; }

  writel(offset: number, value: number): void {
    const vector = Math.floor(offset / SIZE);
    if (vector >= this.tableSize) return;
    this.words[offset >>> 2] = value;
    this.sendPending(vector);
  }

  setControl(enable: boolean, maskAll: boolean): void {
    this.enabled = enable;
    this.maskAll = maskAll;
    for (let vector = 0; vector < this.tableSize; vector++) this.sendPending(vector);
  }

  /** The device wants attention. Nothing while MSI-X is off, or for a vector that there is not. */
  fire(vector: number): void {
    if (!this.enabled || vector >= this.tableSize) return;
    this.pending[vector] = 1;
    this.sendPending(vector);
  }

  private sendPending(vector: number): void {
    if (this.pending[vector] === 0 || !this.enabled || this.maskAll || (this.word(vector, VECTOR_CTRL) & CTRL_MASKBIT) !== 0) return;
    this.pending[vector] = 0;
    const high = this.word(vector, UPPER_ADDR) >>> 0;
    const low = this.word(vector, LOWER_ADDR) >>> 0;
    this.dma.write32(high * TWO_32 + low, this.word(vector, DATA));
  }

  private word(vector: number, field: number): number { return this.words[vector * WORDS + field / 4]!; }
}
