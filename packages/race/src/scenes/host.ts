import { CpuHotplug } from '@irqchip/cpuhp';
import { Genirq, handlePercpuDevidIrq, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import { IpiMuxes } from '@irqchip/ipi-mux';
import {
  genericHandleDomainIrq, irqDomainCreateTree, IrqDomains, irqDomainFreeIrqsTop, irqDomainSetInfo, irqDomainTranslateOnecell, irqDomainXlateOnecell,
  makeProbeContext, ofFwnode, type IrqchipNode, type IrqDomain, type ProbeContext,
} from '@irqchip/irqdomain';
import { Harts, type Csr, type PrivilegeMode, type RiscvIpi } from '@irqchip/riscv';
import type { MmioRegion, Smp } from '@irqchip/smp';
import type { IoRegister, World } from '../scene/world.ts';

/** A node that says what a driver asks and nothing more. */
function node(path: string, parent: IrqchipNode | null, cells: Readonly<Record<string, readonly number[]>>, compatible: readonly string[] = []): IrqchipNode {
  return {
    path, name: path.slice(path.lastIndexOf('/') + 1), parent, compatible,
    has: (property) => property in cells, u32: (property, index = 0) => cells[property]?.[index], u32s: (property) => cells[property],
    string: () => undefined, strings: () => [],
  };
}

/** The rooms of one hart's kernel around a driver that is under check; devices are the world's registers. */
export class SceneHost {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly muxes: IpiMuxes;
  readonly harts: Harts;
  readonly csr: Csr;
  /** Stands in for the architecture's IPI layer: the scene asks for the vIPIs itself. */
  readonly ipi: RiscvIpi;
  /** The first vIPI, once a driver has provided them. */
  virq = 0;
  /** What interrupts each CPU. */
  readonly lines: readonly IoRegister[];
  private readonly intc: IrqDomain;

  /** @param line - what interrupts each CPU, by name. */
  constructor(readonly world: World, mode: PrivilegeMode, line: (cpu: number) => string, { aia = false, linux = '6.12' }: { aia?: boolean; linux?: '6.12' | '7.2' } = {}) {
    const { smp } = world;
    const cpus = Array.from({ length: smp.cpus.nrCpuIds }, (_, cpu) => cpu);
    this.smp = smp;
    this.genirq = new Genirq(smp, { linux });
    this.domains = new IrqDomains(this.genirq);
    this.cpuhp = new CpuHotplug(smp, { linux });
    this.muxes = new IpiMuxes(this.domains, this.cpuhp);
    this.harts = new Harts({ mode, xlen: 64, hartids: cpus, aia });
    this.lines = cpus.map((cpu) => world.register(line(cpu)));
    this.csr = this.makeCsr();
    this.ipi = { haveVirqRange: false, setVirqRange: (virq: number) => { this.virq = virq; } } as Partial<RiscvIpi> as RiscvIpi;
    this.intc = this.makeIntc();
  }

  /** The context of a device whose wires end at input `irq` of every hart. */
  context(path: string, region: MmioRegion, irq: number, cells: Readonly<Record<string, readonly number[]>> = {}, compatible: readonly string[] = []): ProbeContext {
    const cpus = node('/cpus', null, { 'timebase-frequency': [10_000_000] });
    const intcs = this.harts.hartids.map((hart) => node(`/cpus/cpu@${hart}/interrupt-controller`, node(`/cpus/cpu@${hart}`, cpus, { reg: [hart] }, ['riscv']), { phandle: [hart + 1] }, ['riscv,cpu-intc']));
    return makeProbeContext({
      node: node(path, null, { 'interrupts-extended': intcs.flatMap((_, hart) => [hart + 1, irq]), ...cells }, compatible),
      fwnode: ofFwnode(path), domains: this.domains, regions: [region],
      parents: intcs.map((intc, hart) => ({ node: intc, fwnode: hart === 0 ? this.intc.fwnode! : ofFwnode(intc.path), args: [irq] })),
    });
  }

  /** Delivers local interrupt `cause` as the root handler does. */
  deliver(cause: number): void { genericHandleDomainIrq(this.intc, cause); }

  private makeCsr(): Csr {
    const { ip, topei } = this.harts.csr;
    const line = (): IoRegister => this.lines[this.smp.cpus.current]!;
    return {
      read: () => 0,
      readHi: () => 0,
      write: () => undefined,
      set: () => undefined,
      clear: (csr) => { if (csr === ip) this.world.csrWrite(line(), 0); },
      // Claiming reads and clears what is on top: identity 1, the one of the IPIs.
      swap: (csr) => (csr === topei && this.world.csrSwap(line(), 0) !== 0 ? 0x10001 : 0),
    };
  }

  private makeIntc(): IrqDomain {
    const chip: IrqChip = { name: 'RISC-V INTC', irqMask: () => undefined, irqUnmask: () => undefined, irqEoi: () => undefined };
    const fwnode = ofFwnode('/cpus/cpu@0/interrupt-controller');
    const map = (domain: IrqDomain, virq: number, hwirq: number): void => {
      setPercpuDevid(this.genirq, virq);
      irqDomainSetInfo(domain, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
    };
    this.harts.intcFwnode = fwnode;
    return irqDomainCreateTree(this.domains, fwnode, {
      map, xlate: irqDomainXlateOnecell, translate: irqDomainTranslateOnecell,
      alloc: (domain, virq, nr, arg) => { for (let i = 0; i < nr; i++) map(domain, virq + i, irqDomainTranslateOnecell(domain, arg as never).hwirq + i); },
      free: irqDomainFreeIrqsTop,
    }, null);
  }
}
