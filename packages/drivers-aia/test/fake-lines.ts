import type { CsrPort, HardwareContext, HartLines } from '@irqchip/riscv';

/** Local lines and attached CSRs of a few harts, with nothing behind them. */
export class FakeLines implements HartLines {
  readonly levels = new Map<string, boolean>();
  readonly csrs = new Map<string, CsrPort>();
  changes = 0;

  setLine(hartid: number, irq: number, level: boolean): void {
    this.changes++;
    this.levels.set(`${hartid}.${irq}`, level);
  }
  pend(hartid: number, irq: number): void { this.levels.set(`${hartid}.${irq}`, true); }
  clearPend(hartid: number, irq: number): void { this.levels.set(`${hartid}.${irq}`, false); }
  isPending(hartid: number, irq: number): boolean { return this.levels.get(`${hartid}.${irq}`) ?? false; }
  attachCsr(hartid: number, csr: number, port: CsrPort): void { this.csrs.set(`${hartid}.${csr}`, port); }

  csr(hartid: number, csr: number): CsrPort {
    const port = this.csrs.get(`${hartid}.${csr}`);
    if (!port) throw new Error(`no CSR 0x${csr.toString(16)} on hart ${hartid}`);
    return port;
  }
}

export interface FakeNodeProperties { [name: string]: number }

/** What an IMSIC model needs to know, without a device tree. */
export function hardwareContext(lines: HartLines, over: {
  properties: FakeNodeProperties;
  regions: { base: number; size: number }[];
  targets: { hartid: number | null; irq: number }[];
  xlen?: 32 | 64;
  options?: object;
}): HardwareContext {
  const { properties } = over;
  const node = {
    path: '/soc/interrupt-controller@28000000',
    name: 'interrupt-controller@28000000',
    compatible: ['riscv,imsics'],
    parent: null,
    has: (name: string) => name in properties,
    u32: (name: string) => properties[name],
    u32s: (name: string) => (name in properties ? [properties[name]!] : undefined),
    strings: () => [],
    string: () => undefined,
    children: [],
  };
  return {
    node,
    regions: over.regions,
    targets: over.targets,
    lines,
    hartids: over.targets.flatMap(({ hartid }) => (hartid === null ? [] : [hartid])),
    clock: { nowNs: () => 0, timebaseHz: 10_000_000, at: () => () => undefined },
    xlen: over.xlen ?? 64,
    options: over.options ?? {},
  } as unknown as HardwareContext;
}
