import { CPUHP } from '@irqchip/cpuhp';
import {
  irqChipMaskParent, irqChipSetAffinityParent, irqChipUnmaskParent, irqToDesc, type IrqChip, type IrqData, type MsiMsg,
} from '@irqchip/genirq-core';
import { IPI_MUX } from '@irqchip/ipi-mux';
import {
  irqDomainAllocIrqs, irqDomainAllocIrqsParent, irqDomainCreateHierarchy, irqDomainFreeIrqsCommon, irqDomainSetHwirqAndChip, ofFwnode,
  type IrqDomain, type ProbeContext,
} from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI } from '@irqchip/riscv';
import type { ServiceToken } from '@irqchip/smp';
import { ImsicHardware, type ImsicOptions } from '../hardware/index.ts';
import { Imsic, IMSIC_SERVICE, imsicEarly, imsicPlatform, LOCAL_TIMERS, LocalTimers, type ImsicDriverOptions } from '../src/index.ts';
import { hardwareContext } from './fake-lines.ts';
import { FakeNode, MiniMachine, type MiniMachineOptions, type Property } from '@irqchip/test-support';

export interface BenchOptions extends MiniMachineOptions {
  driver?: ImsicDriverOptions;
  hardware?: ImsicOptions;
  /** Over the node's properties. */
  properties?: Record<string, Property | undefined>;
  /** The same, for the hardware only. */
  real?: Record<string, number>;
  regions?: { base: number; size: number }[];
  /** Parent entries by CPU; default: every CPU once, in order. */
  parents?: { cpu: number; irq: number }[];
  intc?: boolean;
}

/** A machine with an IMSIC, and its driver not yet probed. */
export class Bench {
  readonly m: MiniMachine;
  readonly hw: ImsicHardware;
  readonly imsic: Imsic;
  readonly timers: LocalTimers;
  readonly ctx: ProbeContext;
  readonly services: Map<ServiceToken<unknown>, unknown>;

  constructor(options: BenchOptions = {}) {
    const m = new MiniMachine(options);
    this.m = m;
    const { harts } = m;
    const base = harts.mode === 'M' ? 0x24000000 : 0x28000000;
    const regions = options.regions ?? [{ base, size: harts.nr * 0x1000 }];
    const parents = options.parents ?? harts.hartids.map((_, cpu) => ({ cpu, irq: harts.irq.ext }));
    const entries: [string, Property | undefined][] = Object.entries({ compatible: 'qemu,imsics riscv,imsics', 'riscv,num-ids': 255, ...options.properties });
    const properties = Object.fromEntries(entries.filter((entry): entry is [string, Property] => entry[1] !== undefined));
    const node = new FakeNode(`/soc/interrupt-controller@${base.toString(16)}`, new FakeNode('/soc', null), properties);
    const numbers = Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
    this.hw = new ImsicHardware(hardwareContext(m.lines, {
      properties: { 'riscv,num-ids': 255, ...numbers, ...options.real },
      regions,
      targets: parents.map(({ cpu, irq }) => ({ hartid: harts.cpuidToHartid(cpu), irq })),
      xlen: harts.xlen,
    }), options.hardware);
    this.imsic = new Imsic(options.driver);
    this.timers = new LocalTimers(m.smp);
    this.ctx = m.context(node, regions.map(({ base: at, size }, i) => m.region(at, size, this.hw.devices[i]!)), parents);
    this.services = new Map<ServiceToken<unknown>, unknown>([
      [HARTS, harts], [CSR, m.csr], [IPI_MUX, m.muxes], [CPUHP, m.cpuhp], [RISCV_IPI, m.ipi], [IMSIC_SERVICE, this.imsic], [LOCAL_TIMERS, this.timers],
    ]);
    if (options.intc ?? true) m.initIntc();
  }

  early(): this {
    this.m.probe(imsicEarly, this.ctx, this.services);
    return this;
  }

  bringUp(): this {
    for (const cpu of this.m.smp.cpus.present) if (!this.m.smp.cpus.online.test(cpu)) this.m.cpuhp.cpuUp(cpu);
    return this;
  }

  platform(): IrqDomain {
    return this.m.probe(imsicPlatform, this.ctx, this.services) as IrqDomain;
  }

  /** Everything, as a boot does it. */
  boot(): IrqDomain {
    return this.early().bringUp().platform();
  }

  /** Runs timers up to `ns` from now. */
  advance(ns: number): void {
    this.m.nowNs += ns;
    this.timers.run();
    this.m.settle();
  }
}

/** A device whose messages go through the base domain: one interrupt, and what it was told to send. */
export class MsiDevice {
  readonly virq: number;
  readonly domain: IrqDomain;
  readonly messages: MsiMsg[] = [];

  constructor(private readonly bench: Bench, base: IrqDomain, name: string, flags = 0) {
    const chip: IrqChip = {
      name, flags,
      irqAck: (data) => data.parentData!.chip.irqAck?.(data.parentData!),
      irqMask: irqChipMaskParent,
      irqUnmask: irqChipUnmaskParent,
      irqSetAffinity: (data, dest, force) => irqChipSetAffinityParent(data, dest, force),
      irqWriteMsiMsg: (_data, msg) => { this.messages.push({ ...msg }); },
    };
    this.domain = irqDomainCreateHierarchy(base, 0, 8, ofFwnode(`/soc/${name}`), {
      alloc: (domain, virq, nr, arg) => {
        irqDomainAllocIrqsParent(domain, virq, nr, arg);
        irqDomainSetHwirqAndChip(domain, virq, 0, chip, null);
      },
      free: irqDomainFreeIrqsCommon,
      activate: (_domain, data) => {
        const msg: MsiMsg = { addressLo: 0, addressHi: 0, data: 0 };
        data.parentData!.chip.irqComposeMsiMsg!(data.parentData!, msg);
        chip.irqWriteMsiMsg!(data, msg);
      },
    }, null);
    this.virq = irqDomainAllocIrqs(this.domain, 1, -1, null);
  }

  get msg(): MsiMsg { return this.messages[this.messages.length - 1]!; }

  /** The level of the IMSIC. */
  get level(): IrqData { return irqToDesc(this.bench.m.genirq, this.virq)!.irqData.parentData!; }

  get vector(): { cpu: number; localId: number } { return this.level.chipData as { cpu: number; localId: number }; }

  /** Sends `msg`, by default the current one. */
  raise({ addressLo, data }: MsiMsg = this.msg): void {
    const { ctx, hw } = this.bench;
    const i = ctx.regions.findIndex(({ base, size }) => addressLo >= base && addressLo < base + size);
    hw.devices[i]!.write(addressLo - ctx.regions[i]!.base, 4, data);
  }
}
