import type { HardwareContext, HartLines } from '@irqchip/riscv';
import { Clint, type ClintOptions } from '@irqchip/drivers-clint/hardware';
import { TestClock } from './device-clock.ts';

/** Records the levels that a device drives. */
export class Wires implements HartLines {
  private readonly levels = new Map<string, boolean>();
  setLine(hartid: number, irq: number, level: boolean): void { this.levels.set(`${hartid}/${irq}`, level); }
  level(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}/${irq}`) ?? false; }
  isPending(hartid: number, irq: number): boolean { return this.level(hartid, irq); }
  pend(): void { throw new Error('a CLINT drives wires only'); }
  clearPend(): void { throw new Error('a CLINT drives wires only'); }
  attachCsr(): void { throw new Error('a CLINT has no CSRs'); }
}

export const MSI = 3;
export const MTI = 7;

/** The context of a CLINT whose pairs of wires end at `hartids`; null is a pair that ends nowhere. */
export function clintContext(hartids: readonly (number | null)[], wires: HartLines, clock: TestClock, options: ClintOptions = {}): HardwareContext {
  return {
    node: null as never,
    regions: [{ base: 0x2000000, size: 0x10000 }],
    targets: hartids.flatMap((hartid) => [{ hartid, irq: MSI }, { hartid, irq: MTI }]),
    lines: wires,
    hartids: hartids.filter((hartid) => hartid !== null),
    clock,
    output: () => undefined, dma: { write32: () => false },
    peer: () => null,
    xlen: 64,
    options: { ...options },
  };
}

export function makeClint(hartids: readonly (number | null)[], options: ClintOptions = {}, hz = 10_000_000): { clint: Clint; wires: Wires; clock: TestClock } {
  const wires = new Wires();
  const clock = new TestClock(hz);
  return { clint: new Clint(clintContext(hartids, wires, clock, options)), wires, clock };
}
