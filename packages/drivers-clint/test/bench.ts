import { CpuHotplug } from '@irqchip/cpuhp';
import { Genirq, handlePercpuDevidIrq, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import {
  genericHandleDomainIrq, irqDomainCreateTree, IrqDomains, irqDomainFreeIrqsTop, irqDomainSetInfo, irqDomainTranslateOnecell,
  irqDomainXlateOnecell, makeProbeContext, ofFwnode, type FwNode, type IrqDomain, type IrqFwspec, type ParentInterrupt, type ProbeContext,
} from '@irqchip/irqdomain';
import { clint } from '@irqchip/drivers-clint';
import { Clint, type ClintOptions } from '@irqchip/drivers-clint/hardware';
import { ClockEvents, Harts, RiscvIpi, type Csr, type HartLines, type HartsOptions } from '@irqchip/riscv';
import { IrqError, Smp, type MmioRegion } from '@irqchip/smp';
import { TestClock } from './device-clock.ts';
import { fakeNode } from '@irqchip/test-support';
import { clintContext } from './wires.ts';

/** `mie` and `mip` of every hart, by hartid; a CLINT drives the latter. */
export class HartFile implements Csr, HartLines {
  readonly mie = new Map<number, number>();
  readonly mip = new Map<number, number>();

  constructor(private readonly smp: Smp, private readonly harts: Harts) {}

  pending(cpu: number): number {
    const hartid = this.harts.hartids[cpu]!;
    const both = (this.mie.get(hartid) ?? 0) & (this.mip.get(hartid) ?? 0);
    // MSI before MTI.
    return both & 8 ? 3 : both === 0 ? -1 : 31 - Math.clz32(both);
  }

  setLine(hartid: number, irq: number, level: boolean): void {
    const old = this.mip.get(hartid) ?? 0;
    this.mip.set(hartid, level ? old | (1 << irq) : old & ~(1 << irq));
  }

  isPending(hartid: number, irq: number): boolean { return ((this.mip.get(hartid) ?? 0) & (1 << irq)) !== 0; }
  isEnabled(hartid: number, irq: number): boolean { return ((this.mie.get(hartid) ?? 0) & (1 << irq)) !== 0; }
  set(_csr: number, lo: number): void { this.mie.set(this.hart, (this.mie.get(this.hart) ?? 0) | lo); }
  clear(_csr: number, lo: number): void { this.mie.set(this.hart, (this.mie.get(this.hart) ?? 0) & ~lo); }
  read(): number { throw new Error('the CLINT driver reads no CSR'); }
  readHi(): number { throw new Error('the CLINT driver reads no CSR'); }
  write(): void { throw new Error('the CLINT driver writes no CSR as a whole'); }
  swap(): number { throw new Error('the CLINT driver swaps no CSR'); }
  pend(): void { throw new Error('a CLINT drives wires only'); }
  clearPend(): void { throw new Error('a CLINT drives wires only'); }
  attachCsr(): void { throw new Error('a CLINT has no CSRs'); }

  private get hart(): number { return this.harts.hartids[this.smp.cpus.current]!; }
}

/** A harts-and-bus stand-in that boots one CLINT. Interrupts are taken when they are switched on, while somebody waits, and in settle(). */
export class Bench {
  readonly smp: Smp;
  readonly clock = new TestClock();
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly harts: Harts;
  readonly csr: HartFile;
  readonly muxes: IpiMuxes;
  readonly ipi: RiscvIpi;
  readonly events: ClockEvents;
  readonly hw: Clint;
  readonly intc: IrqDomain;
  /** Register writes, as `cpu1 0008=1`. */
  readonly writes: string[] = [];
  private readonly fwnodes: FwNode[];
  private delivering = 0;

  constructor(options: Partial<HartsOptions> & { hw?: ClintOptions } = {}) {
    this.harts = new Harts({ mode: 'M', xlen: 64, hartids: [0, 1], aia: false, ...options });
    this.smp = new Smp({ nrCpus: this.harts.nr, clock: this.clock });
    this.genirq = new Genirq(this.smp, { linux: '7.2' });
    this.domains = new IrqDomains(this.genirq);
    this.cpuhp = new CpuHotplug(this.smp, { linux: '7.2' });
    this.csr = new HartFile(this.smp, this.harts);
    this.muxes = new IpiMuxes(this.domains, this.cpuhp);
    this.ipi = new RiscvIpi(this.genirq, this.smp);
    this.events = new ClockEvents(this.smp);
    this.hw = new Clint(clintContext([...this.harts.hartids].sort((a, b) => a - b), this.csr, this.clock, options.hw));
    this.fwnodes = this.harts.hartids.map((hart) => ofFwnode(`/cpus/cpu@${hart}/interrupt-controller`));
    this.intc = this.makeIntc();
    this.genirq.setHandleIrq((cause) => void genericHandleDomainIrq(this.intc, cause));
    this.smp.cpus.attach({ deliver: () => this.deliver(), relax: () => this.relax(false) });
    this.cpuhp.attach({
      bringup: (cpu) => this.smp.cpus.runOn(cpu, () => this.callin(cpu)),
      cpuDisable: (cpu) => {
        this.smp.cpus.online.clear(cpu);
        this.ipi.disable();
      },
      cpuDead: () => undefined,
    });
  }

  /** Probes the CLINT; `wires` are its interrupts-extended as [cpu, cells]. */
  probe(wires: readonly (readonly [number, readonly number[]])[] = this.harts.hartids.flatMap((_, cpu) => [[cpu, [3]], [cpu, [7]]] as const), change: (base: Parameters<typeof makeProbeContext>[0]) => Parameters<typeof makeProbeContext>[0] = (base) => base): unknown {
    return clint.probe(this.context(wires, change), [this.harts, this.csr, this.muxes, this.ipi, this.cpuhp, this.events]);
  }

  /** Every CPU up. */
  bringup(): this {
    this.probe();
    for (let cpu = 1; cpu < this.harts.nr; cpu++) this.cpuhp.cpuUp(cpu);
    return this;
  }

  on<T>(cpu: number, fn: () => T): T {
    return this.smp.cpus.runOn(cpu, () => {
      const result = fn();
      this.smp.cpus.boundary();
      return result;
    });
  }

  settle(): void { while (this.relax(true)); }

  advance(ns: number): void {
    this.clock.advance(ns);
    this.settle();
  }

  log(): string[] { return this.smp.log.records.map(({ text }) => text).filter((text) => text.startsWith('cl')); }

  private context(wires: readonly (readonly [number, readonly number[]])[], change: (base: Parameters<typeof makeProbeContext>[0]) => Parameters<typeof makeProbeContext>[0]): ProbeContext {
    const cpus = fakeNode('/cpus', { '#address-cells': [1], 'timebase-frequency': [10_000_000] });
    const node = fakeNode('/soc/clint@2000000', { compatible: ['sifive,clint0', 'riscv,clint0'] }, fakeNode('/soc'));
    const parents = wires.map(([cpu, args]): ParentInterrupt => {
      const hart = this.harts.hartids[cpu]!;
      const cpuNode = fakeNode(`/cpus/cpu@${hart}`, { compatible: ['riscv'], reg: [hart] }, cpus);
      return { node: fakeNode(`${cpuNode.path}/interrupt-controller`, { compatible: ['riscv,cpu-intc'] }, cpuNode), fwnode: this.fwnodes[cpu]!, args };
    });
    return makeProbeContext(change({ node, fwnode: ofFwnode(node.path), domains: this.domains, regions: [this.region()], parents }));
  }

  private callin(cpu: number): void {
    const { cpus } = this.smp;
    cpus.localIrqDisable();
    this.cpuhp.notifyCpuStarting(cpu);
    this.ipi.enable();
    cpus.online.set(cpu);
    cpus.localIrqEnable();
  }

  private region(): MmioRegion {
    const { hw, smp, writes } = this;
    const readl = (offset: number): number => {
      const value = hw.read(offset, 4);
      smp.cpus.boundary();
      return value;
    };
    const writel = (offset: number, value: number): void => {
      writes.push(`cpu${smp.cpus.current} ${offset.toString(16).padStart(4, '0')}=${(value >>> 0).toString(16)}`);
      hw.write(offset, 4, value);
      smp.cpus.boundary();
    };
    const unused = (): never => { throw new Error('not used by this driver'); };
    return { base: 0x2000000, size: 0x10000, readl, writel, readlRelaxed: readl, writelRelaxed: writel, setl: unused, clearl: unused, readb: unused, readw: unused, writeb: unused, writew: unused };
  }

  private relax(self: boolean): boolean {
    const { cpus } = this.smp;
    for (let cpu = 0; cpu < cpus.nrCpuIds; cpu++) {
      if ((cpu === cpus.current && !self) || cpus.irqsDisabledOn(cpu) || this.csr.pending(cpu) < 0) continue;
      cpus.runOn(cpu, () => this.deliver());
      return true;
    }
    return false;
  }

  private deliver(): void {
    const { cpus } = this.smp;
    const bit = 1 << cpus.current;
    if (this.delivering & bit) return;
    this.delivering |= bit;
    while (!cpus.irqsDisabled() && this.csr.pending(cpus.current) >= 0) {
      const flags = cpus.localIrqSave();
      this.genirq.handleArchIrq(this.csr.pending(cpus.current));
      cpus.localIrqRestore(flags);
    }
    this.delivering &= ~bit;
  }

  private makeIntc(): IrqDomain {
    const { csr, domains, genirq, harts } = this;
    const chip: IrqChip = {
      name: 'RISC-V INTC',
      irqMask: ({ hwirq }) => csr.clear(harts.csr.ie, 1 << hwirq),
      irqUnmask: ({ hwirq }) => csr.set(harts.csr.ie, 1 << hwirq),
      irqEoi: () => undefined,
    };
    return irqDomainCreateTree(domains, this.fwnodes[0]!, {
      xlate: irqDomainXlateOnecell,
      alloc: (domain, virq, _nr, arg) => {
        setPercpuDevid(genirq, virq);
        irqDomainSetInfo(domain, virq, irqDomainTranslateOnecell(domain, arg as IrqFwspec).hwirq, chip, null, handlePercpuDevidIrq, null, null);
      },
      free: irqDomainFreeIrqsTop,
    }, null);
  }
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
