import { CpuHotplug } from '@irqchip/cpuhp';
import {
  Genirq, handlePercpuDevidIrq, migrateAllOffThisCpu, setPercpuDevid, type IrqChip, type LinuxVersion,
} from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import {
  genericHandleDomainIrq, irqDomainCreateTree, IrqDomains, irqDomainSetInfo, makeProbeContext, ofFwnode, type FwNode,
  type IrqchipDriver, type IrqchipNode, type ProbeContext,
} from '@irqchip/irqdomain';
import { Harts, RiscvIpi, type Csr, type CsrPort, type HartLines, type PrivilegeMode } from '@irqchip/riscv';
import { IrqError, Smp, type MmioDevice, type MmioRegion, type ServiceToken } from '@irqchip/smp';

export type Property = number | readonly number[] | string;

/** A device-tree node made by hand. */
export class FakeNode implements IrqchipNode {
  readonly name: string;
  readonly compatible: readonly string[];
  constructor(readonly path: string, readonly parent: IrqchipNode | null, readonly properties: Record<string, Property> = {}) {
    this.name = path.slice(path.lastIndexOf('/') + 1);
    this.compatible = this.strings('compatible');
  }
  has(name: string): boolean { return name in this.properties; }
  u32(name: string, index = 0): number | undefined { return this.u32s(name)?.[index]; }
  u32s(name: string): readonly number[] | undefined {
    const value = this.properties[name];
    if (value === undefined || typeof value === 'string') return undefined;
    return typeof value === 'number' ? [value] : value;
  }
  string(name: string): string | undefined { return this.strings(name)[0]; }
  strings(name: string): readonly string[] {
    const value = this.properties[name];
    return typeof value === 'string' ? value.split(' ') : [];
  }
}

export interface MiniMachineOptions {
  nrCpus?: number;
  hartids?: readonly number[];
  mode?: PrivilegeMode;
  xlen?: 32 | 64;
  aia?: boolean;
  linux?: LinuxVersion;
}

/** Harts with interrupt CSRs, a stand-in for their local controllers' driver, and the rooms that an IPI provider needs. */
export class MiniMachine {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly harts: Harts;
  readonly cpuhp: CpuHotplug;
  readonly ipi: RiscvIpi;
  readonly muxes: IpiMuxes;
  readonly csr: Csr;
  readonly lines: HartLines;
  readonly cpuNodes: FakeNode[];
  readonly intcNodes: FakeNode[];
  readonly intcFwnodes: FwNode[];
  /** Simulated time. */
  nowNs = 0;
  /** Accesses of CSRs by number, in order, while it is an array. */
  csrLog: string[] | null = null;
  private returning = false;
  private readonly wires: Int32Array;
  private readonly soft: Int32Array;
  private readonly enabled: Int32Array;
  private readonly ports = new Map<string, CsrPort>();

  constructor({ nrCpus = 4, hartids = Array.from({ length: nrCpus }, (_, i) => i), mode = 'S', xlen = 64, aia = true, linux = '6.12' }: MiniMachineOptions = {}) {
    const smp = new Smp({ nrCpus, clock: { nowNs: () => this.nowNs } });
    this.smp = smp;
    this.wires = new Int32Array(nrCpus);
    this.soft = new Int32Array(nrCpus);
    this.enabled = new Int32Array(nrCpus);
    this.harts = new Harts({ mode, xlen, hartids, aia });
    this.genirq = new Genirq(smp, { linux });
    this.domains = new IrqDomains(this.genirq);
    this.cpuhp = new CpuHotplug(smp, { linux });
    this.ipi = new RiscvIpi(this.genirq, smp);
    this.muxes = new IpiMuxes(this.domains, this.cpuhp);
    const cpus = new FakeNode('/cpus', null, { '#address-cells': 1 });
    this.cpuNodes = hartids.map((hartid) => new FakeNode(`/cpus/cpu@${hartid}`, cpus, { compatible: 'riscv', reg: hartid }));
    this.intcNodes = this.cpuNodes.map((cpu, i) => new FakeNode(`${cpu.path}/interrupt-controller`, cpu, { compatible: 'riscv,cpu-intc', phandle: i + 1 }));
    this.intcFwnodes = this.intcNodes.map(({ path }) => ofFwnode(path));
    this.lines = this.makeLines();
    this.csr = this.makeCsr();
    smp.cpus.attach({ deliver: () => this.deliver(), relax: () => this.relax() });
    this.cpuhp.attach({
      bringup: (cpu) => smp.cpus.runOn(cpu, () => this.callin(cpu)),
      cpuDisable: () => this.cpuDisable(),
      cpuDead: () => undefined,
    });
  }

  /** Installs the local controllers' driver; only the boot hart's node gets a domain. */
  initIntc(): void {
    const { genirq, harts } = this;
    const chip: IrqChip = {
      name: 'RISC-V INTC',
      irqMask: ({ hwirq }) => { this.enabled[this.smp.cpus.current]! &= ~(1 << hwirq); },
      irqUnmask: ({ hwirq }) => { this.enabled[this.smp.cpus.current]! |= 1 << hwirq; },
      irqEoi: () => undefined,
    };
    const domain = irqDomainCreateTree(this.domains, this.intcFwnodes[0]!, {
      map: (intc, virq, hwirq) => {
        setPercpuDevid(genirq, virq);
        irqDomainSetInfo(intc, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
      },
    }, null);
    genirq.setHandleIrq((cause) => void genericHandleDomainIrq(domain, cause));
    harts.intcFwnode = this.intcFwnodes[0]!;
  }

  /** `mip` of a CPU, wired and software bits together. */
  pendingOn(cpu: number): number { return this.wires[cpu]! | this.soft[cpu]!; }
  /** `mie` of a CPU. */
  enabledOn(cpu: number): number { return this.enabled[cpu]!; }

  /** A mapped region over a device. */
  region(base: number, size: number, device: MmioDevice): MmioRegion {
    const unused = (): never => { throw new Error('words only'); };
    const region: MmioRegion = {
      base, size, readb: unused, readw: unused, writeb: unused, writew: unused,
      readl: (offset) => device.read(offset, 4),
      readlRelaxed: (offset) => device.read(offset, 4),
      writel: (offset, value) => { device.write(offset, 4, value); this.smp.cpus.boundary(); },
      writelRelaxed: (offset, value) => { device.write(offset, 4, value); this.smp.cpus.boundary(); },
      setl: () => undefined,
      clearl: () => undefined,
    };
    return region;
  }

  /** A probe context whose parents are local interrupt `irq` of the harts, in the order of `harts`. */
  context(node: IrqchipNode, regions: readonly MmioRegion[], irqs: readonly { cpu: number; irq: number }[], fwnode: FwNode = ofFwnode(node.path)): ProbeContext {
    const parents = irqs.map(({ cpu, irq }) => ({ node: this.intcNodes[cpu]!, fwnode: this.intcFwnodes[cpu]!, args: [irq] }));
    return makeProbeContext({ node, fwnode, domains: this.domains, regions, parents });
  }

  probe(driver: IrqchipDriver, ctx: ProbeContext, services: ReadonlyMap<ServiceToken<unknown>, unknown>): unknown {
    return driver.probe(ctx, driver.services.map((token) => {
      if (!services.has(token)) throw new Error(`the test gives no ${String(token)}`);
      return services.get(token);
    }));
  }

  /** Runs CPUs until nothing is deliverable anywhere. */
  settle(): void {
    for (let turn = 0; this.relax() || this.turnCurrent(); turn++) if (turn > 1000) throw new Error('storm');
  }

  /** Log lines, oldest first. */
  log(): string[] { return this.smp.log.records.map(({ text }) => text); }

  private turnCurrent(): boolean {
    if (!this.deliverable(this.smp.cpus.current)) return false;
    this.deliver();
    return true;
  }

  private deliverable(cpu: number): boolean {
    return !this.smp.cpus.irqsDisabledOn(cpu) && (this.pendingOn(cpu) & this.enabled[cpu]!) !== 0;
  }

  /** Traps of the running CPU. */
  private deliver(): void {
    const { cpus } = this.smp;
    while (!this.returning && this.deliverable(cpus.current)) {
      const ready = this.pendingOn(cpus.current) & this.enabled[cpus.current]!;
      const flags = cpus.localIrqSave();
      this.genirq.handleArchIrq(31 - Math.clz32(ready));
      // mret switches interrupts on; the loop looks again.
      this.returning = true;
      cpus.localIrqRestore(flags);
      this.returning = false;
    }
  }

  /** Other CPUs run what is deliverable. */
  private relax(): boolean {
    const { cpus } = this.smp;
    let ran = false;
    for (const cpu of cpus.possible) {
      if (cpu === cpus.current || !this.deliverable(cpu)) continue;
      cpus.runOn(cpu, () => this.deliver());
      ran = true;
    }
    return ran;
  }

  private callin(cpu: number): void {
    const { cpus } = this.smp;
    cpus.localIrqDisable();
    this.cpuhp.notifyCpuStarting(cpu);
    this.ipi.enable();
    cpus.online.set(cpu);
    cpus.localIrqEnable();
  }

  private cpuDisable(): void {
    const { cpus } = this.smp;
    cpus.online.clear(cpus.current);
    this.ipi.disable();
    migrateAllOffThisCpu(this.genirq);
  }

  private cpuOf(hartid: number): number { return this.harts.hartidToCpuid(hartid); }

  private makeLines(): HartLines {
    const change = (words: Int32Array, hartid: number, irq: number, on: boolean): void => {
      const cpu = this.cpuOf(hartid);
      words[cpu] = on ? words[cpu]! | (1 << irq) : words[cpu]! & ~(1 << irq);
    };
    return {
      setLine: (hartid, irq, level) => change(this.wires, hartid, irq, level),
      pend: (hartid, irq) => change(this.soft, hartid, irq, true),
      clearPend: (hartid, irq) => change(this.soft, hartid, irq, false),
      isPending: (hartid, irq) => (this.pendingOn(this.cpuOf(hartid)) & (1 << irq)) !== 0,
      attachCsr: (hartid, csr, port) => void this.ports.set(`${hartid}.${csr}`, port),
    };
  }

  private makeCsr(): Csr {
    const port = (csr: number): CsrPort => {
      const { cpus } = this.smp;
      this.csrLog?.push(`CPU${cpus.current} 0x${csr.toString(16)}`);
      const attached = this.ports.get(`${this.harts.cpuidToHartid(cpus.current)}.${csr}`);
      if (attached) return attached;
      const cpu = cpus.current;
      if (csr === this.harts.csr.ie) return { read: () => this.enabled[cpu]!, write: (lo) => { this.enabled[cpu] = lo; } };
      if (csr === this.harts.csr.ip) return { read: () => this.pendingOn(cpu), write: (lo) => { this.soft[cpu] = lo & (1 << this.harts.irq.soft); } };
      throw new IrqError('EINVAL', `Illegal instruction: CSR 0x${csr.toString(16)} does not exist.`);
    };
    const hi = (at: CsrPort): number => at.readHi?.() ?? 0;
    return {
      read: (csr) => port(csr).read(),
      readHi: (csr) => hi(port(csr)),
      write: (csr, lo, high = 0) => port(csr).write(lo, high),
      set: (csr, lo, high = 0) => { const at = port(csr); at.write(at.read() | lo, hi(at) | high); },
      clear: (csr, lo, high = 0) => { const at = port(csr); at.write(at.read() & ~lo, hi(at) & ~high); },
      swap: (csr, lo) => {
        const at = port(csr);
        if (at.swap) return at.swap(lo);
        const was = at.read();
        at.write(lo, 0);
        return was;
      },
    };
  }
}
