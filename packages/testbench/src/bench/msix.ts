import { DOMAIN_BUS, irqFindMatchingFwnode, type FwNode, type IrqDomains } from '@irqchip/irqdomain';
import { MsixTable } from '@irqchip/machine';
import { pciAllocIrqVectors, PciDevice, pciFreeIrqVectors, pciIrqVector, PCI_MSIX_ENTRY } from '@irqchip/msi';
import type { DeviceDma } from '@irqchip/riscv';
import { IrqError } from '@irqchip/smp';

const { SIZE, LOWER_ADDR, UPPER_ADDR, DATA } = PCI_MSIX_ENTRY;
const TWO_32 = 0x1_0000_0000;

/** A device that sends messages, and its driver's part: having them allocated. */
export class MessageDevice extends MsixTable {
  private device: PciDevice | null = null;

  /** @param name - `0000:00:01.0` */
  constructor(readonly name: string, tableSize: number, dma: DeviceDma) { super(tableSize, dma); }

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

  /** Where the message of a vector goes, and what it says. */
  message(vector: number): { readonly address: number; readonly data: number } {
    const word = (field: number): number => this.readl(vector * SIZE + field) >>> 0;
    return { address: word(UPPER_ADDR) * TWO_32 + word(LOWER_ADDR), data: word(DATA) };
  }
}
