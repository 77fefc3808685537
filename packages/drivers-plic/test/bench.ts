import { CPUHP } from '@irqchip/cpuhp';
import { plic, Plics, PLICS } from '@irqchip/drivers-plic';
import { Plic, type PlicOptions } from '@irqchip/drivers-plic/hardware';
import { IRQ_HANDLED, irqToDesc, requestIrq, type IrqDesc } from '@irqchip/genirq-core';
import { irqCreateFwspecMapping, type IrqchipDriver, type IrqDomain, type ProbeContext } from '@irqchip/irqdomain';
import { HARTS } from '@irqchip/riscv';
import { IrqError, type MmioRegion, type ServiceToken } from '@irqchip/smp';
import { FakeNode, MiniMachine, type MiniMachineOptions, type Property } from '@irqchip/test-support';
import { plicContext } from './wires.ts';

/** An entry of `interrupts-extended`. */
export interface Entry { readonly cpu: number; readonly irq: number }

const ABSENT = 0xffffffff;

export interface PlicSpec {
  readonly base?: number;
  readonly compatible?: string;
  /** Over the node's properties; undefined takes one away. */
  readonly properties?: Record<string, Property | undefined>;
  readonly contexts?: readonly Entry[];
  readonly hw?: PlicOptions;
}

/** A controller on the machine: model, and the context its driver is probed with. */
export class Site {
  readonly hw: Plic;
  readonly ctx: ProbeContext;
  domain: IrqDomain | null = null;
  /** Register writes while it is an array, as `cpu1 200004=3`. */
  writes: string[] | null = null;

  constructor(private readonly bench: Bench, { base = 0xc000000, compatible = 'sifive,plic-1.0.0 riscv,plic0', properties = {}, contexts = bench.supervisorContexts(), hw = {} }: PlicSpec) {
    const { m } = bench;
    const all: Record<string, Property | undefined> = { compatible, 'riscv,ndev': 95, ...properties };
    const known = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Property] => entry[1] !== undefined));
    const node = new FakeNode(`/soc/plic@${base.toString(16)}`, new FakeNode('/soc', null), known);
    const targets = contexts.map(({ cpu, irq }) => ({ hartid: m.harts.hartids[cpu] ?? null, irq }));
    this.hw = new Plic(plicContext(m.lines, targets, { 'riscv,ndev': [typeof known['riscv,ndev'] === 'number' ? known['riscv,ndev'] : 95] }, hw));
    this.ctx = m.context(node, [this.region(base)], contexts);
  }

  probe(driver: IrqchipDriver = plic, ctx: ProbeContext = this.ctx): IrqDomain {
    this.domain = this.bench.m.probe(driver, ctx, this.bench.services) as IrqDomain;
    return this.domain;
  }

  map(...cells: number[]): number { return irqCreateFwspecMapping(this.bench.m.domains, { fwnode: this.ctx.fwnode, param: cells }); }

  private region(base: number): MmioRegion {
    const { cpus } = this.bench.m.smp;
    const region = this.bench.m.region(base, 0x4000000, this.hw);
    const writel = (offset: number, value: number): void => {
      this.writes?.push(`cpu${cpus.current} ${offset.toString(16)}=${(value >>> 0).toString(16)}`);
      region.writel(offset, value);
    };
    return { ...region, writel, writelRelaxed: writel };
  }
}

/** Harts, their local controllers, and one PLIC, its driver not yet probed. */
export class Bench {
  readonly m: MiniMachine;
  readonly plics: Plics;
  readonly site: Site;
  readonly services: Map<ServiceToken<unknown>, unknown>;

  constructor(options: MiniMachineOptions & PlicSpec = {}) {
    this.m = new MiniMachine({ aia: false, ...options });
    this.plics = new Plics(this.m.genirq);
    this.services = new Map<ServiceToken<unknown>, unknown>([[HARTS, this.m.harts], [CPUHP, this.m.cpuhp], [PLICS, this.plics]]);
    this.site = new Site(this, options);
    this.m.initIntc();
  }

  get hw(): Plic { return this.site.hw; }

  /** What firmware leaves of M and S of every hart: the machine's contexts absent. */
  supervisorContexts(): Entry[] {
    return this.m.harts.hartids.flatMap((_, cpu) => [{ cpu, irq: ABSENT }, { cpu, irq: 9 }]);
  }

  bringUp(): this {
    const { cpuhp, smp } = this.m;
    for (const cpu of smp.cpus.present) if (!smp.cpus.online.test(cpu)) cpuhp.cpuUp(cpu);
    // A machine without IPIs: each CPU says so as it comes up.
    smp.diagnostics.take();
    return this;
  }

  /** As a boot does it: every CPU up, then the platform device. */
  boot(): this {
    this.bringUp().site.probe();
    return this;
  }

  desc(irq: number): IrqDesc { return irqToDesc(this.m.genirq, irq)!; }

  /** Runs CPUs until nothing is deliverable. */
  settle(): void { this.m.settle(); }

  raise(source: number): void { this.hw.setInput(source, true); this.settle(); }
  lower(source: number): void { this.hw.setInput(source, false); }

  /** Maps a source and requests it with `handler`; by default one that lowers the wire and notes the CPU in `runs`. */
  request(source: number, handler?: () => number | undefined, cells: number[] = [source]): { irq: number; runs: number[] } {
    const irq = this.site.map(...cells);
    const runs: number[] = [];
    requestIrq(this.m.genirq, irq, () => {
      runs.push(this.m.smp.cpus.current);
      if (!handler) this.lower(source);
      return handler?.() ?? IRQ_HANDLED;
    }, 0, `dev${source}`);
    return { irq, runs };
  }

  /** Lines of the driver in the log. */
  log(): string[] { return this.m.log().filter((text) => text.startsWith('riscv-plic')); }

  open(): string[] { return this.m.smp.diagnostics.open.map(({ message }) => message); }
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
