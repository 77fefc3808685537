import { CPUHP } from '@irqchip/cpuhp';
import { IRQ_HANDLED, IRQ_NONE, requestIrq } from '@irqchip/genirq-core';
import { irqCreateFwspecMapping, irqCreateMapping, irqFindMatchingFwnode, makeProbeContext, ofFwnode, type FwNode, type IrqDomain, type ParentInterrupt, type ProbeContext } from '@irqchip/irqdomain';
import { HARTS } from '@irqchip/riscv';
import type { IrqError, MmioDevice, ServiceToken } from '@irqchip/smp';
import { FakeNode, MiniMachine, type MiniMachineOptions, type Property } from '@irqchip/test-support';
import { aplic, APLIC_PARENT, AplicParent, Imsic, IMSIC_SERVICE } from '../src/index.ts';

/** Sense of an interrupt in its specifier. */
export const RISING = 1;
export const FALLING = 2;
export const HIGH = 4;
export const LOW = 8;

/** Nothing but registers: what was written, what is read back, and what each hart claims next. */
export class FakeAplic implements MmioDevice {
  readonly words = new Map<number, number>();
  /** In order, as `offset=value`, hexadecimal. */
  readonly log: string[] = [];
  /** By hart index. */
  readonly claims = new Map<number, number[]>();
  /** A hart's line. */
  wire: (hartIndex: number, level: boolean) => void = () => undefined;
  /** Bits of domaincfg that cannot be written. */
  readOnly = 0;

  read(offset: number): number {
    if (offset === 0) return (0x80000000 | this.word(0)) & ~this.readOnly;
    if (offset < 0x4000 || (offset & 0x1f) !== 0x1c) return this.word(offset);
    const hartIndex = (offset - 0x4000) >> 5;
    const queue = this.claims.get(hartIndex) ?? [];
    const source = queue.shift();
    if (queue.length === 0) this.wire(hartIndex, false);
    return source === undefined ? 0 : (source << 16) | 1;
  }

  write(offset: number, _width: number, value: number): void {
    this.words.set(offset, value >>> 0);
    this.log.push(`${offset.toString(16)}=${(value >>> 0).toString(16)}`);
  }

  word(offset: number): number { return this.words.get(offset) ?? 0; }

  /** Register `target` of a source. */
  target(source: number): number { return this.word(0x3004 + 4 * (source - 1)); }

  sourcecfg(source: number): number { return this.word(0x4 + 4 * (source - 1)); }

  /** Sources that a hart is going to claim. */
  pend(hartIndex: number, ...sources: number[]): void {
    this.claims.set(hartIndex, sources);
    this.wire(hartIndex, true);
  }

  /** Takes the log. */
  taken(): string[] { return this.log.splice(0); }
}

export interface AplicOptions {
  base?: number;
  /** 0 for a node without registers. */
  size?: number;
  sources?: number | undefined;
  /** Parent entries; default: the external interrupt of every CPU, in order. */
  parents?: { cpu: number; irq: number }[];
  properties?: Record<string, Property>;
  /** NUMA node. */
  nid?: number;
  /** Instead of the fake registers. */
  device?: MmioDevice;
  /** Over the parents of the context. */
  context?: { parents?: ParentInterrupt[]; parentErrors?: IrqError[]; msiParent?: FwNode };
}

/** One node, not yet probed. */
export class AplicNode {
  readonly fake = new FakeAplic();
  readonly ctx: ProbeContext;

  constructor(readonly bench: AplicBench, { base = 0xd000000, size = 0x8000, parents, properties = {}, nid, device, context = {}, ...rest }: AplicOptions) {
    const { m } = bench;
    const { harts } = m;
    const sources = 'sources' in rest ? rest.sources : 96;
    const entries = parents ?? harts.hartids.map((_, cpu) => ({ cpu, irq: harts.irq.ext }));
    const path = `/soc/interrupt-controller@${base.toString(16)}`;
    const node = new FakeNode(path, new FakeNode('/soc', null), {
      compatible: 'qemu,aplic riscv,aplic', ...(sources === undefined ? {} : { 'riscv,num-sources': sources }), ...properties,
    });
    this.fake.wire = (hartIndex, level) => {
      const parent = entries[hartIndex];
      if (parent) m.lines.setLine(harts.cpuidToHartid(parent.cpu), parent.irq, level);
    };
    const regions = size === 0 ? [] : [m.region(base, size, device ?? this.fake)];
    this.ctx = makeProbeContext({ ...m.context(node, regions, entries, ofFwnode(path, nid)), ...context });
  }

  probe(): IrqDomain { return this.bench.m.probe(aplic, this.ctx, this.bench.services) as IrqDomain; }

  /** The Linux irq of a source; 0 when it cannot be mapped. */
  map(source: number, type: number): number {
    return irqCreateFwspecMapping(this.bench.m.domains, { fwnode: this.ctx.fwnode, param: [source, type] });
  }

  /** Maps and requests; what it returns counts only if it is IRQ_NONE. */
  request(source: number, type: number, handler: () => unknown = () => undefined): number {
    const virq = this.map(source, type);
    requestIrq(this.bench.m.genirq, virq, () => (handler() === IRQ_NONE ? IRQ_NONE : IRQ_HANDLED), 0, `source${source}`);
    return virq;
  }
}

export interface AplicBenchOptions extends MiniMachineOptions {
  /** The local controllers' driver is there. */
  intc?: boolean;
  /** All CPUs are up. */
  up?: boolean;
  irqsBefore?: number[];
  irqsAfter?: number[];
}

/** A machine with local controllers and the APLIC driver; local interrupts may be mapped before and after the IPIs'. */
export class AplicBench {
  readonly m: MiniMachine;
  readonly parent = new AplicParent();
  readonly services: Map<ServiceToken<unknown>, unknown>;

  constructor(options: AplicBenchOptions = {}, m: MiniMachine = new MiniMachine(options)) {
    this.m = m;
    this.services = new Map<ServiceToken<unknown>, unknown>([
      [HARTS, m.harts], [CPUHP, m.cpuhp], [APLIC_PARENT, this.parent], [IMSIC_SERVICE, new Imsic()],
    ]);
    this.start(options);
  }

  protected start(options: AplicBenchOptions): void {
    if (options.intc ?? true) this.m.initIntc();
    this.mapLocal(options.irqsBefore);
    const ipis = this.m.muxes.create({ nrIpi: 8, send: () => undefined });
    this.m.ipi.setVirqRange(ipis.virq, 8);
    this.mapLocal(options.irqsAfter);
    if (options.up ?? true) this.bringUp();
  }

  protected mapLocal(hwirqs: number[] = []): void {
    const domain = irqFindMatchingFwnode(this.m.domains, this.m.harts.intcFwnode, 0);
    for (const hwirq of hwirqs) irqCreateMapping(domain!, hwirq);
  }

  bringUp(): this {
    for (const cpu of this.m.smp.cpus.present) if (!this.m.smp.cpus.online.test(cpu)) this.m.cpuhp.cpuUp(cpu);
    return this;
  }

  node(options: AplicOptions = {}): AplicNode { return new AplicNode(this, options); }

  /** Lines of the log that the driver wrote. */
  log(): string[] { return this.m.log().filter((line) => line.startsWith('riscv-aplic')); }
}
