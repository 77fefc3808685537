import { Genirq } from '@irqchip/genirq-core';
import { IrqDomains, makeProbeContext, ofFwnode, type FwNode, type IrqDomain } from '@irqchip/irqdomain';
import { riscvIntc } from '@irqchip/drivers-intc';
import { Harts, type Csr, type HartsOptions } from '@irqchip/riscv';
import { IrqError, Smp } from '@irqchip/smp';
import { fakeNode } from '@irqchip/test-support';

/** Default priority of the major interrupts, best first. */
const ORDER = [11, 3, 7, 9, 1, 5, 13];

/** `ie`, `ip` and `topi` of every hart; 64 bits each, whichever register holds the upper half. */
export class HartFile implements Csr {
  readonly ie: bigint[];
  readonly ip: bigint[];
  readonly accesses: string[] = [];

  constructor(private readonly smp: Smp, private readonly harts: Harts) {
    this.ie = harts.hartids.map(() => 0n);
    this.ip = harts.hartids.map(() => 0n);
  }

  topi(cpu: number): number {
    const both = this.ie[cpu]! & this.ip[cpu]!;
    if (both === 0n) return 0;
    const has = (irq: number): boolean => ((both >> BigInt(irq)) & 1n) === 1n;
    const irq = ORDER.find(has) ?? Array.from({ length: 64 }, (_, i) => i).find(has)!;
    return (irq << 16) | 1;
  }

  read(csr: number): number { return csr === this.harts.csr.topi ? this.topi(this.smp.cpus.current) : 0; }
  readHi(): number { return 0; }
  write(): void { throw new Error('the INTC driver writes no CSR as a whole'); }
  swap(): number { throw new Error('the INTC driver swaps no CSR'); }
  set(csr: number, lo: number, hi = 0): void { this.change('set', csr, lo, hi, (old, bits) => old | bits); }
  clear(csr: number, lo: number, hi = 0): void { this.change('clear', csr, lo, hi, (old, bits) => old & ~bits); }

  private change(op: string, csr: number, lo: number, hi: number, fn: (old: bigint, bits: bigint) => bigint): void {
    const { current } = this.smp.cpus;
    this.accesses.push(`cpu${current} ${op} ${csr.toString(16)} ${(hi >>> 0).toString(16)}:${(lo >>> 0).toString(16)}`);
    const high = csr === this.harts.csr.ieh ? BigInt(lo >>> 0) << 32n : 0n;
    const bits = csr === this.harts.csr.ie ? (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0) : high;
    this.ie[current] = fn(this.ie[current]!, bits);
  }
}

export interface BenchOptions extends Partial<HartsOptions> {
  readonly isa?: string;
  readonly compatible?: readonly string[];
}

export class Bench {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly harts: Harts;
  readonly csr: HartFile;
  readonly fwnodes = new Map<number, FwNode>();
  readonly options: BenchOptions;

  constructor(options: BenchOptions = {}) {
    this.options = options;
    this.harts = new Harts({ mode: 'S', xlen: 64, hartids: [0, 1], aia: false, ...options });
    this.smp = new Smp({ nrCpus: this.harts.nr });
    this.genirq = new Genirq(this.smp);
    this.domains = new IrqDomains(this.genirq);
    this.csr = new HartFile(this.smp, this.harts);
  }

  /** Probes the local controller of one hart. */
  probe(hart: number, cpuCompatible = 'riscv'): IrqDomain | null {
    const cpus = fakeNode('/cpus', { '#address-cells': [1] });
    const cpu = fakeNode(`/cpus/cpu@${hart}`, { compatible: [cpuCompatible], reg: [hart], 'riscv,isa': [this.options.isa ?? 'rv64imafdc'] }, cpus);
    const node = fakeNode(`${cpu.path}/interrupt-controller`, { compatible: this.options.compatible ?? ['riscv,cpu-intc'] }, cpu);
    const fwnode = ofFwnode(node.path);
    this.fwnodes.set(hart, fwnode);
    const ctx = makeProbeContext({ node, fwnode, domains: this.domains, regions: [], parents: [] });
    return riscvIntc.probe(ctx, [this.harts, this.csr]) as IrqDomain | null;
  }

  /** A trap on a CPU, as the hardware enters it. */
  trap(cpu: number, cause: number): void {
    this.smp.cpus.runOn(cpu, () => {
      const flags = this.smp.cpus.localIrqSave();
      this.genirq.handleArchIrq(cause);
      this.smp.cpus.localIrqRestore(flags);
    });
  }

  log(): string[] { return this.smp.log.records.map(({ text }) => text).filter((text) => !text.startsWith('irq:')); }
}

/** The code of the IrqError that `fn` throws. */
export function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof IrqError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}
