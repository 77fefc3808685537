import { handlePercpuDevidIrq, setPercpuDevid, type IrqChip } from '@irqchip/genirq-core';
import { genericHandleDomainIrq, irqCreateMapping, irqDomainCreateLinear, irqDomainSetInfo, type IrqDomain } from '@irqchip/irqdomain';
import type { CpusHooks, Smp } from '@irqchip/smp';
import type { IrqDomains } from '@irqchip/irqdomain';
import { trap } from './bench.ts';

/** A local controller in every CPU: 16 lines, each with an enable and a level a CPU. Delivers wherever interrupts come on. */
export class Intc implements CpusHooks {
  readonly domain: IrqDomain;
  /** Lines that are let through, a word a CPU. */
  readonly enabled: Int32Array;
  readonly pending: Int32Array;
  /** What the chip was told. */
  readonly calls: string[] = [];
  private readonly smp: Smp;

  constructor(domains: IrqDomains) {
    const { smp, genirq } = domains;
    this.smp = smp;
    this.enabled = new Int32Array(smp.cpus.nrCpuIds);
    this.pending = new Int32Array(smp.cpus.nrCpuIds);
    const chip: IrqChip = {
      name: 'test intc',
      irqMask: ({ hwirq }) => { this.note('mask'); this.enabled[smp.cpus.current]! &= ~(1 << hwirq); },
      irqUnmask: ({ hwirq }) => { this.note('unmask'); this.enabled[smp.cpus.current]! |= 1 << hwirq; },
      irqEoi: () => this.note('eoi'),
    };
    this.domain = irqDomainCreateLinear(domains, domains.allocNamedFwnode('intc'), 16, {
      map: (domain, virq, hwirq) => {
        setPercpuDevid(genirq, virq);
        irqDomainSetInfo(domain, virq, hwirq, chip, null, handlePercpuDevidIrq, null, null);
      },
    }, null);
    smp.cpus.attach(this);
  }

  /** The virq of a line. */
  map(line: number): number { return irqCreateMapping(this.domain, line); }

  raise(cpu: number, line: number): void { this.pending[cpu]! |= 1 << line; }
  lower(cpu: number, line: number): void { this.pending[cpu]! &= ~(1 << line); }

  /** CPUs on which a line is let through. */
  cpusWith(line: number): number[] {
    return [...this.enabled.keys()].filter((cpu) => this.enabled[cpu]! & (1 << line));
  }

  deliver(): void {
    const { cpus } = this.smp;
    const cpu = cpus.current;
    for (let turns = 0; !cpus.irqsDisabled() && (this.pending[cpu]! & this.enabled[cpu]!) !== 0; turns++) {
      if (turns > 1000) throw new Error(`CPU${cpu}: interrupt storm`);
      const ready = this.pending[cpu]! & this.enabled[cpu]!;
      const line = 31 - Math.clz32(ready & -ready);
      // The trap returns with interrupts still off: the loop looks again.
      trapQuietly(this.smp, cpu, () => genericHandleDomainIrq(this.domain, line));
    }
  }

  relax(): boolean {
    const { cpus } = this.smp;
    for (let cpu = 0; cpu < cpus.nrCpuIds; cpu++) {
      if (cpus.irqsDisabledOn(cpu) || (this.pending[cpu]! & this.enabled[cpu]!) === 0) continue;
      cpus.runOn(cpu, () => this.deliver());
      return true;
    }
    return false;
  }

  /** Runs CPUs until none has an interrupt that it could take. */
  settle(): void {
    for (let steps = 0; this.relax(); steps++) if (steps > 10_000) throw new Error('interrupts never end');
  }

  private note(what: string): void { this.calls.push(`${what}@${this.smp.cpus.current}`); }
}

function trapQuietly(smp: Smp, cpu: number, fn: () => void): void {
  const { cpus } = smp;
  cpus.localIrqDisable();
  trap(smp, cpu, fn);
  cpus.trapReturn();
}
