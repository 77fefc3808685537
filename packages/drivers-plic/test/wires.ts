import { Plic, type PlicOptions } from '@irqchip/drivers-plic/hardware';
import type { HardwareContext, HardwareTarget, HartLines } from '@irqchip/riscv';
import { fakeNode } from '@irqchip/test-support';

export const MEI = 11;
export const SEI = 9;

/** Records the levels that a device drives. */
export class Wires implements HartLines {
  private readonly levels = new Map<string, boolean>();
  /** Every change, as `hart/irq=level`. */
  readonly changes: string[] = [];
  setLine(hartid: number, irq: number, level: boolean): void {
    this.levels.set(`${hartid}/${irq}`, level);
    this.changes.push(`${hartid}/${irq}=${Number(level)}`);
  }
  level(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}/${irq}`) ?? false; }
  isPending(hartid: number, irq: number): boolean { return this.level(hartid, irq); }
  pend(): void { throw new Error('a PLIC drives wires only'); }
  clearPend(): void { throw new Error('a PLIC drives wires only'); }
  attachCsr(): void { throw new Error('a PLIC has no CSRs'); }
}

/** M and S of each hart in turn, as QEMU's virt board has them. */
export function pairs(harts: number): HardwareTarget[] {
  return Array.from({ length: harts }, (_, hartid) => [{ hartid, irq: MEI }, { hartid, irq: SEI }]).flat();
}

export function plicContext(lines: HartLines, targets: readonly HardwareTarget[], properties: Record<string, readonly number[]>, options: PlicOptions = {}): HardwareContext {
  return {
    node: fakeNode('/soc/plic@c000000', { compatible: ['sifive,plic-1.0.0', 'riscv,plic0'], ...properties }),
    regions: [{ base: 0xc000000, size: 0x4000000 }],
    targets,
    lines,
    hartids: [...new Set(targets.flatMap(({ hartid }) => (hartid === null ? [] : [hartid])))],
    clock: { nowNs: () => 0, timebaseHz: 10_000_000, at: () => () => undefined },
    output: () => undefined, dma: { write32: () => false },
    peer: () => null,
    xlen: 64,
    options: { ...options },
  };
}

export const PRIORITY = (source: number): number => 4 * source;
export const PENDING = (word: number): number => 0x1000 + 4 * word;
export const ENABLE = (context: number, word = 0): number => 0x2000 + 0x80 * context + 4 * word;
export const THRESHOLD = (context: number): number => 0x200000 + 0x1000 * context;
export const CLAIM = (context: number): number => 0x200004 + 0x1000 * context;

/** A PLIC with its registers at hand; made from `Model`, which may be a damaged copy. */
export class Board {
  readonly wires = new Wires();
  readonly plic: Plic;

  constructor(options: PlicOptions = {}, { harts = 2, ndev = 95, targets = pairs(harts), Model = Plic }: { harts?: number; ndev?: number; targets?: readonly HardwareTarget[]; Model?: typeof Plic } = {}) {
    this.plic = new Model(plicContext(this.wires, targets, { 'riscv,ndev': [ndev] }, options));
  }

  read(offset: number): number { return this.plic.read(offset, 4) >>> 0; }
  write(offset: number, value: number): void { this.plic.write(offset, 4, value | 0); }
  raise(source: number): void { this.plic.setInput(source, true); }
  lower(source: number): void { this.plic.setInput(source, false); }
  pulse(source: number): void { this.raise(source); this.lower(source); }
  claim(context: number): number { return this.read(CLAIM(context)); }
  complete(context: number, source: number): void { this.write(CLAIM(context), source); }
  isPending(source: number): boolean { return (this.read(PENDING(source >>> 5)) & (1 << (source & 31))) !== 0; }
  /** Gives sources a priority and enables them, and nothing else of their words, for a context. */
  open(context: number, priorities: Record<number, number>): void {
    const words = new Map<number, number>();
    for (const [key, priority] of Object.entries(priorities)) {
      const source = Number(key);
      this.write(PRIORITY(source), priority);
      words.set(source >>> 5, (words.get(source >>> 5) ?? 0) | (1 << (source & 31)));
    }
    for (const [word, bits] of words) this.write(ENABLE(context, word), bits);
  }

  /** The wire of a context on a board of {@link pairs}. */
  line(context: number): boolean { return this.wires.level(context >>> 1, context & 1 ? SEI : MEI); }
}
