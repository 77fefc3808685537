import { serviceToken, type MmioRegion, type ServiceToken, type Smp } from '@irqchip/smp';
import type { SswiRegister } from './registers-of.ts';

/** What a machine's SSWI driver is told besides its node. */
export interface SswiOptions {
  /** `mvendorid` of the harts, as the firmware tells it. Default 0: not said. T-Head's is 0x5b7. */
  readonly mvendorid?: number;
}

/** The registers of all SSWI devices of a machine: one a CPU. */
export class AclintSswi {
  /** Linux irq of the software interrupt; 0 until a device provides IPIs. */
  virq = 0;
  readonly mvendorid: number;
  private readonly regions: (MmioRegion | null)[] = [];
  private readonly offsets: number[] = [];

  constructor(private readonly smp: Smp, options: SswiOptions = {}) {
    this.mvendorid = options.mvendorid ?? 0;
    for (let cpu = 0; cpu < smp.cpus.nrCpuIds; cpu++) {
      this.regions.push(null);
      this.offsets.push(0);
    }
  }

  /** Adds the registers of one device; those that a CPU had from another are replaced. Returns how to take them back. */
  add(region: MmioRegion, registers: readonly SswiRegister[]): () => void {
    const { offsets, regions } = this;
    const before = registers.map(({ cpu }) => ({ cpu, region: regions[cpu]!, offset: offsets[cpu]! }));
    for (const { cpu, offset } of registers) {
      regions[cpu] = region;
      offsets[cpu] = offset;
    }
    return () => {
      for (const old of before.reverse()) {
        regions[old.cpu] = old.region;
        offsets[old.cpu] = old.offset;
      }
    };
  }

  /** Rings a CPU, the calling one included. Any context. `writel` orders the caller's earlier accesses before. @kernel aclint_sswi_ipi_send */
  send(cpu: number): void {
    const region = this.regions[cpu]!;
    if (region !== null) region.writel(this.offsets[cpu]!, 1);
    else this.smp.diagnostics.warnOnce(true, `CPU ${cpu} has no register in any SSWI device, so it takes no IPIs: its hart is missing in their interrupts-extended.`);
  }

  /** Takes a level away on the running CPU; nothing where registers are pulses. @kernel aclint_sswi_ipi_clear */
  clear(): void {
    const cpu = this.smp.cpus.current;
    this.regions[cpu]?.writelRelaxed(this.offsets[cpu]!, 0);
  }
}

/** The machine's {@link AclintSswi} in the container. */
export const ACLINT_SSWI: ServiceToken<AclintSswi> = serviceToken<AclintSswi>('drivers-clint', 'AclintSswi');

/** May be bound beside the module. */
export const SSWI_OPTIONS: ServiceToken<SswiOptions> = serviceToken<SswiOptions>('drivers-clint', 'SswiOptions');
