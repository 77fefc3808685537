import { IrqError, type Cpus, type MmioDevice, type MmioRegion } from '@irqchip/smp';

interface Mapping { readonly base: number; readonly size: number; readonly device: MmioDevice; readonly owner: string }

/** Told of every register access by software. */
export interface AccessMeter {
  /** How many are left before {@link AccessMeter.spent} is called. */
  left: number;
  spent(): void;
}

const UNMETERED: AccessMeter = { left: Infinity, spent: () => undefined };

/** The physical address space of a machine: which device answers where. Addresses and sizes in bytes. */
export class Bus {
  meter: AccessMeter = UNMETERED;
  private readonly mappings: Mapping[] = [];

  /** @param modelled - what the models are for that somebody gave the machine, to be named where one is missing. */
  constructor(private readonly cpus: Cpus, private readonly modelled: readonly string[] = []) {}

  /** @throws IrqError `EBUSY` when the range overlaps one that is mapped. */
  map(base: number, size: number, device: MmioDevice, owner: string): void {
    const index = this.indexAfter(base + size - 1);
    const before = this.mappings[index - 1];
    if (before && before.base + before.size > base) {
      throw new IrqError('EBUSY', `${owner} at ${hex(base)} overlaps ${before.owner} at ${hex(before.base)}; every device needs its own addresses.`);
    }
    this.mappings.splice(index, 0, { base, size, device, owner });
  }

  /**
   * The region as a driver on `node` sees it.
   * @throws IrqError `ENODEV` when no device model answers there.
   * @kernel of_iomap
   */
  region(base: number, size: number, node: string): MmioRegion {
    const mapping = this.mappings[this.indexAfter(base) - 1];
    if (!mapping || base + size > mapping.base + mapping.size) {
      throw new IrqError('ENODEV', `No device model answers at ${hex(base)}, ${size} bytes, which ${node} names in its reg; give the machine a hardware model for it${this.modelled.length > 0 ? `; those that it was given are for ${this.modelled.slice(0, 8).join(', ')}` : ''}.`);
    }
    return new BusRegion(this, this.cpus, mapping.device, base, size, base - mapping.base, node);
  }

  /** A 32-bit write by a device. False where nobody answers. */
  write32(address: number, value: number): boolean {
    const mapping = this.mappings[this.indexAfter(address) - 1];
    if (!mapping || address + 4 > mapping.base + mapping.size) return false;
    mapping.device.write(address - mapping.base, 4, value | 0);
    return true;
  }

  private indexAfter(address: number): number {
    let low = 0;
    let high = this.mappings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.mappings[middle]!.base <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class BusRegion implements MmioRegion {
  constructor(
    private readonly bus: Bus,
    private readonly cpus: Cpus,
    private readonly device: MmioDevice,
    readonly base: number,
    readonly size: number,
    private readonly shift: number,
    private readonly node: string,
  ) {}

  readb(offset: number): number { return this.read(offset, 1) & 0xff; }
  readw(offset: number): number { return this.read(offset, 2) & 0xffff; }
  readl(offset: number): number { return this.read(offset, 4) | 0; }
  writeb(offset: number, value: number): void { this.write(offset, 1, value & 0xff, value); }
  writew(offset: number, value: number): void { this.write(offset, 2, value & 0xffff, value); }
  writel(offset: number, value: number): void { this.write(offset, 4, value | 0, value); }

  readlRelaxed(offset: number): number { return this.readl(offset); }
  writelRelaxed(offset: number, value: number): void { this.writel(offset, value); }

  setl(offset: number, bits: number): void {
    if (!Number.isFinite(bits)) throw unusable(this.node, `bits ${bits} of register offset ${hex(offset)} are no number`);
    this.update(offset, bits, 0);
  }

  clearl(offset: number, bits: number): void {
    if (!Number.isFinite(bits)) throw unusable(this.node, `bits ${bits} of register offset ${hex(offset)} are no number`);
    this.update(offset, 0, bits);
  }

  /** With interrupts off nothing else of this machine runs between the two accesses: that is the lock. */
  private update(offset: number, set: number, clear: number): void {
    const flags = this.cpus.localIrqSave();
    try {
      this.writel(offset, (this.readl(offset) & ~clear) | set);
    } finally {
      this.cpus.localIrqRestore(flags);
    }
  }

  private read(offset: number, width: number): number {
    this.check(offset, width);
    const value = this.device.read(offset + this.shift, width);
    this.cpus.boundary();
    return value;
  }

  /** @param given - the value before it was cut to the width. */
  private write(offset: number, width: number, value: number, given: number): void {
    this.check(offset, width);
    if (!Number.isFinite(given)) throw unusable(this.node, `value ${given} for register offset ${hex(offset)} is no number`);
    this.device.write(offset + this.shift, width, value);
    this.cpus.boundary();
  }

  private check(offset: number, width: number): void {
    if (--this.bus.meter.left < 0) this.bus.meter.spent();
    // So written that it fails for what is no number.
    if (!(offset >= 0 && offset + width <= this.size)) throw this.outside(offset);
    if (offset % width !== 0) throw new IrqError('EINVAL', `${this.node}: register offset ${hex(offset)} is not a multiple of ${width}.`);
  }

  private outside(offset: number): IrqError {
    if (!Number.isFinite(offset)) return unusable(this.node, `register offset ${offset} is not a whole number`);
    return new IrqError('EFAULT', `${this.node}: register offset ${hex(offset)} is outside its ${this.size} bytes.`);
  }
}

/** What a constant becomes that was never imported. */
function unusable(node: string, what: string): IrqError {
  return new IrqError('EINVAL', `${node}: ${what}; is the constant imported?`);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
