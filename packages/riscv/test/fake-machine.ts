import { CpuHotplug } from '@irqchip/cpuhp';
import { Genirq, handlePercpuDevidIrq, setPercpuDevid, type IrqChip, type LinuxVersion } from '@irqchip/genirq-core';
import {
  genericHandleDomainIrq, IrqDomains, irqDomainAllocIrqs, irqDomainCreateLinear, irqDomainFreeIrqsTop, irqDomainSetInfo,
  ofFwnode, type IrqDomain,
} from '@irqchip/irqdomain';
import { ClockEvents, Harts, RiscvIpi, type HartsOptions, type Sbi } from '@irqchip/riscv';
import { CpuMask, IrqError, Smp } from '@irqchip/smp';
import { FakeCsr } from './fake-csr.ts';

/** A firmware that writes down its calls. */
export class FakeSbi implements Sbi {
  readonly calls: number[][] = [];
  readonly value = 0;
  onCall: () => void = () => undefined;
  ecall(eid: number, fid: number, ...args: number[]): number {
    this.calls.push([eid, fid, ...args]);
    this.onCall();
    return 0;
  }
}

/**
 * Harts with CSRs, one local controller domain and an IPI chip of eight lines, taken by hand: no mux, no device. Interrupts
 * of the running CPU are taken when they are switched on; those of others while somebody waits, or in {@link settle}.
 */
export class FakeMachine {
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly harts: Harts;
  readonly csr: FakeCsr;
  readonly sbi = new FakeSbi();
  readonly ipi: RiscvIpi;
  readonly events: ClockEvents;
  readonly intc: IrqDomain;
  /** CPUs that are stuck: they take nothing. */
  readonly deaf: CpuMask;
  /** Doorbells, as `0>1:1` for CPU 0 sending message 1 to CPU 1. */
  readonly doorbells: string[] = [];
  readonly ipiVirq: number;
  private readonly ipiDomain: IrqDomain;
  private readonly bits: Int32Array;
  private readonly ipiEnabled: Int32Array;
  private delivering = 0;

  constructor(nrCpus: number, options: Partial<HartsOptions> = {}, { linux = '6.12', nrIpi = 8 }: { linux?: LinuxVersion; nrIpi?: number } = {}) {
    this.smp = new Smp({ nrCpus });
    this.genirq = new Genirq(this.smp, { linux });
    this.domains = new IrqDomains(this.genirq);
    this.cpuhp = new CpuHotplug(this.smp, { linux });
    this.harts = new Harts({ mode: 'S', xlen: 64, aia: false, hartids: Array.from({ length: nrCpus }, (_, cpu) => cpu), ...options });
    this.csr = new FakeCsr(this.smp, this.harts);
    this.ipi = new RiscvIpi(this.genirq, this.smp);
    this.events = new ClockEvents(this.smp);
    this.deaf = new CpuMask(nrCpus);
    this.bits = new Int32Array(nrCpus);
    this.ipiEnabled = new Int32Array(nrCpus);
    this.intc = this.makeIntc();
    this.ipiDomain = this.makeIpis(nrIpi);
    this.ipiVirq = irqDomainAllocIrqs(this.ipiDomain, nrIpi, -1, null);
    this.genirq.setHandleIrq((cause) => (cause < 0 ? this.takeIpis() : void genericHandleDomainIrq(this.intc, cause)));
    this.smp.cpus.attach({ deliver: () => this.deliver(), relax: () => this.relax() });
  }

  /** Marks CPUs online and enables the messages there. */
  online(...cpus: number[]): this {
    for (const cpu of cpus) {
      this.smp.cpus.online.set(cpu);
      if (this.ipi.haveVirqRange) this.smp.cpus.runOn(cpu, () => this.ipi.enable());
    }
    return this;
  }

  /** Hands the eight IPIs to the architecture on CPU 0, and brings all CPUs up. */
  withIpis(): this {
    this.ipi.setVirqRange(this.ipiVirq, 8);
    return this.online(...Array.from({ length: this.smp.cpus.nrCpuIds }, (_, cpu) => cpu).slice(1));
  }

  /** Runs a task as a CPU. */
  on<T>(cpu: number, fn: () => T): T {
    return this.smp.cpus.runOn(cpu, () => {
      const result = fn();
      this.smp.cpus.boundary();
      return result;
    });
  }

  /** Lets every CPU take what waits. */
  settle(): void { while (this.relax(true)); }

  /** Moves time on. */
  advance(ticks: number): void {
    this.csr.ticks += BigInt(ticks);
    this.settle();
  }

  waits(cpu: number): boolean {
    return (this.bits[cpu]! & this.ipiEnabled[cpu]!) !== 0 || this.csr.pending(cpu) >= 0;
  }

  log(): string[] { return this.smp.log.records.map(({ text }) => text); }

  private relax(self = false): boolean {
    const { cpus } = this.smp;
    for (let cpu = 0; cpu < cpus.nrCpuIds; cpu++) {
      if ((cpu === cpus.current && !self) || this.deaf.test(cpu) || cpus.irqsDisabledOn(cpu) || !this.waits(cpu)) continue;
      cpus.runOn(cpu, () => this.deliver());
      return true;
    }
    return false;
  }

  private deliver(): void {
    const { cpus } = this.smp;
    const bit = 1 << cpus.current;
    if (this.delivering & bit || this.deaf.test(cpus.current)) return;
    this.delivering |= bit;
    while (!cpus.irqsDisabled() && this.waits(cpus.current)) {
      const flags = cpus.localIrqSave();
      this.genirq.handleArchIrq((this.bits[cpus.current]! & this.ipiEnabled[cpus.current]!) !== 0 ? -1 : this.csr.pending(cpus.current));
      if (this.ipi.stopped.test(cpus.current)) break;
      cpus.localIrqRestore(flags);
    }
    this.delivering &= ~bit;
  }

  private takeIpis(): void {
    const cpu = this.smp.cpus.current;
    const taken = this.bits[cpu]! & this.ipiEnabled[cpu]!;
    this.bits[cpu]! &= ~taken;
    for (let op = 0; op < 32; op++) if (taken & (1 << op)) genericHandleDomainIrq(this.ipiDomain, op);
  }

  private makeIntc(): IrqDomain {
    const { csr, domains, genirq, harts } = this;
    const chip: IrqChip = {
      name: 'RISC-V INTC',
      irqMask: ({ hwirq }) => csr.clear(harts.csr.ie, 1 << hwirq),
      irqUnmask: ({ hwirq }) => csr.set(harts.csr.ie, 1 << hwirq),
      irqEoi: () => undefined,
    };
    harts.intcFwnode = ofFwnode('/cpus/cpu@0/interrupt-controller');
    return irqDomainCreateLinear(domains, harts.intcFwnode, 64, {
      map: (domain, virq, hwirq) => {
        setPercpuDevid(genirq, virq);
        irqDomainSetInfo(domain, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
      },
    }, null);
  }

  private makeIpis(nrIpi: number): IrqDomain {
    const { domains, genirq, smp } = this;
    const chip: IrqChip = {
      name: 'fake IPI',
      irqMask: ({ hwirq }) => { this.ipiEnabled[smp.cpus.current]! &= ~(1 << hwirq); },
      irqUnmask: ({ hwirq }) => { this.ipiEnabled[smp.cpus.current]! |= 1 << hwirq; },
      ipiSendMask: ({ hwirq }, mask) => {
        for (const cpu of mask) {
          this.doorbells.push(`${smp.cpus.current}>${cpu}:${hwirq}`);
          this.bits[cpu]! |= 1 << hwirq;
        }
        smp.cpus.boundary();
      },
    };
    return irqDomainCreateLinear(domains, domains.allocNamedFwnode('fake-ipi'), nrIpi, {
      alloc: (domain, virq, nr) => {
        for (let i = 0; i < nr; i++) {
          setPercpuDevid(genirq, virq + i);
          irqDomainSetInfo(domain, virq + i, i, chip, null, handlePercpuDevidIrq, null, null);
        }
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
