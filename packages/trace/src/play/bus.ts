import type { DeviceDma } from '@irqchip/riscv';
import type { MmioDevice } from '@irqchip/smp';

interface Mapping {
  readonly base: number;
  readonly size: number;
  readonly device: MmioDevice;
  /** Whether the device takes 8 bytes at once. */
  readonly wide: boolean;
}

type Width = 1 | 2 | 4 | 8;

/**
 * The address space of the recorded machine. As there, an 8-byte access to a device that takes only 4 is split, low half
 * first, and where nobody answers reads are 0 and writes are lost.
 */
export class RecordedBus implements DeviceDma {
  private readonly mappings: Mapping[] = [];

  map(base: number, size: number, device: MmioDevice, wide: boolean): void { this.mappings.push({ base, size, device, wide }); }

  read(address: number, width: Width): bigint {
    const at = this.find(address, width);
    if (at === null) return 0n;
    const offset = address - at.base;
    if (width < 8) return BigInt.asUintN(8 * width, BigInt(at.device.read(offset, width)));
    const each = at.wide ? 8 : 4;
    const low = at.device.read(offset, each);
    return joined(low, at.device.read(offset + 4, each));
  }

  write(address: number, width: Width, value: bigint): void {
    const at = this.find(address, width);
    if (at === null) return;
    const offset = address - at.base;
    const [low, high] = halves(value);
    const each = width < 8 || at.wide ? width : 4;
    at.device.write(offset, each, low);
    if (width === 8) at.device.write(offset + 4, each, high);
  }

  write32(address: number, value: number): boolean {
    const at = this.find(address, 4);
    at?.device.write(address - at.base, 4, value | 0);
    return at !== null;
  }

  /** Devices are called with naturally aligned offsets only. */
  private find(address: number, width: Width): Mapping | null {
    if (address % width !== 0) return null;
    return this.mappings.find(({ base, size }) => address >= base && address + width <= base + size) ?? null;
  }
}

/** Low and high word of 64 bits, as signed numbers. */
export function halves(value: bigint): [number, number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

export function joined(low: number, high: number): bigint {
  return BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
}
