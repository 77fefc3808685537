import { CPUHP } from '@irqchip/cpuhp';
import { aclintSswi, ACLINT_SSWI, AclintSswi, type SswiOptions } from '@irqchip/drivers-clint';
import { Sswi, type ClintOptions } from '@irqchip/drivers-clint/hardware';
import { IPI_MUX } from '@irqchip/ipi-mux';
import { makeProbeContext, ofFwnode, type ProbeBase } from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI } from '@irqchip/riscv';
import type { MmioRegion, ServiceToken } from '@irqchip/smp';
import { FakeNode, MiniMachine, type MiniMachineOptions, type Property } from '@irqchip/test-support';
import { TestClock } from './device-clock.ts';

export interface DeviceOptions {
  path?: string;
  compatible?: string;
  properties?: Record<string, Property>;
  /** CPUs whose wires the node lists, in order. Default: all. */
  cpus?: readonly number[];
  irq?: number;
  size?: number;
  change?: (base: ProbeBase) => ProbeBase;
}

/** A machine of a few harts with the driver's services, and SSWI devices to be probed. */
export class SswiBench {
  readonly m: MiniMachine;
  readonly sswi: AclintSswi;
  /** Register writes, as `cpu1 /soc/sswi@2f00000 8=1`. */
  readonly writes: string[] = [];
  private readonly services: ReadonlyMap<ServiceToken<unknown>, unknown>;

  constructor(private readonly model: ClintOptions = {}, options: MiniMachineOptions & { intc?: boolean; driver?: SswiOptions } = {}) {
    this.m = new MiniMachine({ aia: false, linux: '7.2', ...options });
    this.sswi = new AclintSswi(this.m.smp, options.driver);
    const { m } = this;
    this.services = new Map<ServiceToken<unknown>, unknown>([
      [HARTS, m.harts], [CSR, m.csr], [IPI_MUX, m.muxes], [CPUHP, m.cpuhp], [RISCV_IPI, m.ipi], [ACLINT_SSWI, this.sswi],
    ]);
    if (options.intc ?? true) m.initIntc();
  }

  /** Probes one device. */
  probe({ path = '/soc/sswi@2f00000', compatible = 'mips,p8700-aclint-sswi', properties = {}, cpus, irq = this.m.harts.irq.soft, size = 0x4000, change = (base) => base }: DeviceOptions = {}): this {
    const { m } = this;
    const node = new FakeNode(path, new FakeNode('/soc', null), { compatible, ...properties });
    const listed = cpus ?? m.harts.hartids.map((_, cpu) => cpu);
    const hw = new Sswi({
      node, regions: [{ base: 0x2f00000, size }], targets: listed.map((cpu) => ({ hartid: m.harts.hartids[cpu]!, irq })), lines: m.lines,
      hartids: m.harts.hartids, clock: new TestClock(), output: () => undefined, dma: { write32: () => false }, peer: () => null, xlen: 64, options: {},
    }, this.model);
    const device = hw.devices[0]!;
    const region: MmioRegion = m.region(0x2f00000, size, {
      read: (offset, width) => device.read(offset, width),
      write: (offset, width, value) => {
        this.writes.push(`cpu${m.smp.cpus.current} ${path} ${offset.toString(16)}=${value}`);
        // Accesses arrive in order.
        hw.flush();
        device.write(offset, width, value);
      },
    });
    const parents = listed.map((cpu) => ({ node: m.intcNodes[cpu]!, fwnode: m.intcFwnodes[cpu]!, args: [irq] }));
    m.probe(aclintSswi, makeProbeContext(change({ node, fwnode: ofFwnode(path), domains: m.domains, regions: [region], parents })), this.services);
    return this;
  }

  /** Every CPU up, as the interrupts of a running machine are found. */
  bringup(): this {
    for (const cpu of this.m.smp.cpus.present) if (!this.m.smp.cpus.online.test(cpu)) this.m.cpuhp.cpuUp(cpu);
    this.m.settle();
    this.writes.length = 0;
    return this;
  }

  /** How often a CPU took an IPI message, by its number. */
  count(cpu: number, message: number): number {
    return this.m.genirq.irqToDesc(this.m.muxes.all[0]!.virq + message)!.countOn(cpu);
  }

  /** Lines of this driver in the log. */
  log(): string[] { return this.m.log().filter((line) => line.startsWith('irq_aclint_sswi: ')); }
}
