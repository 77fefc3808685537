import { DOMAIN_BUS, irqFindMatchingFwnode, type FwNode, type IrqDomains } from '@irqchip/irqdomain';
import { pciAllocIrqVectors, PciDevice, pciFreeIrqVectors, pciIrqVector, PCI_MSIX_ENTRY, type MsixPort } from '@irqchip/msi';
import type { DeviceDma } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';

const { SIZE, LOWER_ADDR, UPPER_ADDR, DATA, VECTOR_CTRL, CTRL_MASKBIT } = PCI_MSIX_ENTRY;
const TWO_32 = 0x1_0000_0000;

/** A device that sends messages: an MSI-X table and its pending bits. */
export class MessageDevice implements MsixPort {
  /** How many messages went out. */
  sent = 0;
  private readonly words: Uint32Array;
  private readonly waiting: boolean[];
  private device: PciDevice | null = null;
  private on = false;
  private maskAll = false;

  /** @param name - `0000:00:01.0` */
  constructor(readonly name: string, readonly tableSize: number, private readonly dma: DeviceDma) {
    this.words = new Uint32Array(tableSize * SIZE / 4);
    this.waiting = new Array<boolean>(tableSize).fill(false);
    for (let vector = 0; vector < tableSize; vector++) this.words[(vector * SIZE + VECTOR_CTRL) / 4] = CTRL_MASKBIT;
  }

  /**
   * Has its interrupts allocated below the controller of `fwnode`. Task context.
   * @throws IrqError `ENODEV` where nobody takes messages there; what allocating reports.
   */
  start(domains: IrqDomains, fwnode: FwNode): void {
    const domain = irqFindMatchingFwnode(domains, fwnode, DOMAIN_BUS.PCI_MSI);
    if (domain === null) throw new IrqError('ENODEV', `${fwnode.path}: no MSI parent domain for PCI devices; has its driver created one?`);
    this.device = new PciDevice(this.name, { domain, msix: this });
    pciAllocIrqVectors(this.device, this.tableSize, this.tableSize);
  }

  /** Gives them back; their handlers are gone. Task context. */
  stop(): void { if (this.device !== null) pciFreeIrqVectors(this.device); }

  irq(vector: number): number { return pciIrqVector(this.device!, vector); }

  readl(offset: number): number { return this.words[offset >>> 2] ?? 0; }

  writel(offset: number, value: number): void {
    this.words[offset >>> 2] = value;
    this.send(Math.floor(offset / SIZE));
  }

  setControl(enable: boolean, maskAll: boolean): void {
    this.on = enable;
    this.maskAll = maskAll;
    for (let vector = 0; vector < this.tableSize; vector++) this.send(vector);
  }

  /** The device wants attention. */
  fire(vector: number): void {
    this.waiting[vector] = true;
    this.send(vector);
  }

  /** Where the message of a vector goes, and what it says. */
  message(vector: number): { readonly address: number; readonly data: number } {
    return { address: this.word(vector, UPPER_ADDR) * TWO_32 + this.word(vector, LOWER_ADDR), data: this.word(vector, DATA) };
  }

  private send(vector: number): void {
    if (this.waiting[vector] !== true || !this.on || this.maskAll || (this.word(vector, VECTOR_CTRL) & CTRL_MASKBIT) !== 0) return;
    this.waiting[vector] = false;
    const { address, data } = this.message(vector);
    if (this.dma.write32(address, data)) this.sent++;
  }

  private word(vector: number, field: number): number { return this.words[(vector * SIZE + field) / 4]!; }
}
