import { aclintSswi, AclintSswi, clint } from '@irqchip/drivers-clint';
import { Imsic, imsicEarly, LocalTimers } from '@irqchip/drivers-aia';
import { sbiIpiInit } from '@irqchip/drivers-sbi';
import { IpiMuxes, IpiMuxV5 } from '@irqchip/ipi-mux';
import type { IrqchipDriver } from '@irqchip/irqdomain';
import { ClockEvents, SBI_EXT, type Sbi } from '@irqchip/riscv';
import type { CpuMask } from '@irqchip/smp';
import type { IoRegister, World } from '../scene/world.ts';
import { SceneHost } from './host.ts';

/** Who rings CPUs and answers: a bare doorbell with one of the mux's contracts, or a driver with its device. */
export type ProviderName = 'merged' | 'patch' | 'v5' | 'sbi' | 'sswi' | 'imsic' | 'clint';

export const PROVIDERS: readonly ProviderName[] = ['merged', 'patch', 'v5', 'sbi', 'sswi', 'imsic', 'clint'];

/** The code that is checked; a test may put other code in its place. */
export interface CodeUnderCheck {
  readonly IpiMuxes: typeof IpiMuxes;
  readonly IpiMuxV5: typeof IpiMuxV5;
  readonly sbiIpiInit: typeof sbiIpiInit;
  readonly imsicEarly: IrqchipDriver;
  readonly clint: IrqchipDriver;
  readonly aclintSswi: IrqchipDriver;
}

const SHIPPED: CodeUnderCheck = { IpiMuxes, IpiMuxV5, sbiIpiInit, imsicEarly, clint, aclintSswi };

/** IPIs that work, from the first vIPI on. */
export interface Provider {
  readonly host: SceneHost;
  readonly virq: number;
  /** What interrupts a CPU. */
  readonly line: IoRegister;
  readonly handler: () => void;
}

export interface ProviderOptions {
  readonly provider: ProviderName;
  /** The bare doorbell is rung with `writel_relaxed`. */
  readonly relaxedDoorbell?: boolean;
  readonly code?: Partial<CodeUnderCheck>;
}

/** Sets a provider up on the running CPU. */
export function makeProvider(world: World, options: ProviderOptions): Provider {
  const code = { ...SHIPPED, ...options.code };
  const cpu = world.smp.cpus.current;
  switch (options.provider) {
    case 'sbi': return sbi(world, cpu, code);
    case 'sswi': return sswi(world, cpu, code);
    case 'imsic': return imsic(world, cpu, code);
    case 'clint': return clintProvider(world, cpu, code);
    default: return bare(world, cpu, code, options.provider, options.relaxedDoorbell ?? false);
  }
}

/** A register a CPU: 1 rings, the handler's 0 is a CSR write in the merged contract, a device write in the posted one. */
function bare(world: World, cpu: number, code: CodeUnderCheck, kind: 'merged' | 'patch' | 'v5', relaxed: boolean): Provider {
  const host = new SceneHost(world, 'S', (at) => `doorbell[${at}]`);
  const own = (): IoRegister => host.lines[host.smp.cpus.current]!;
  const ring = (at: number): void => host.lines[at]!.write(1, relaxed);
  const ops = { clear: () => own().write(0, true), send: (_parent: number, mask: CpuMask) => { for (const at of mask) ring(at); } };
  const line = host.lines[cpu]!;
  if (kind === 'v5') {
    const v5 = new code.IpiMuxV5(host.domains, host.cpuhp);
    return { host, virq: v5.create(0, ops), line, handler: () => v5.process() };
  }
  const muxes = new code.IpiMuxes(host.domains, host.cpuhp);
  const mux = kind === 'patch' ? muxes.create({ nrIpi: 4, parentVirq: 0, ops }) : muxes.create({ nrIpi: 4, send: ring });
  return { host, virq: mux.virq, line, handler: () => { if (kind === 'merged') world.csrWrite(own(), 0); mux.process(); } };
}

/** The firmware rings with a device write of its own, after everything that the caller did. */
function sbi(world: World, cpu: number, code: CodeUnderCheck): Provider {
  const host = new SceneHost(world, 'S', (at) => `ssip[${at}]`);
  const firmware: Sbi = {
    value: 0x2000000,
    ecall: (eid, _fid, _mask, base = 0) => {
      if (eid === SBI_EXT.IPI) host.lines[base]!.write(1);
      return 0;
    },
  };
  const region = world.mmio(0, 0, () => null);
  const context = host.context('/', region, host.harts.irq.soft);
  code.sbiIpiInit(context, host.harts, host.csr, firmware, host.muxes, host.cpuhp, host.ipi);
  return finished(host, cpu, host.harts.irq.soft);
}

function sswi(world: World, cpu: number, code: CodeUnderCheck): Provider {
  // Linux 6.12 has no such driver.
  const host = new SceneHost(world, 'S', (at) => `ssip[${at}]`, { linux: '7.2' });
  // Writing 1 raises the bit of the hart, writing 0 does nothing.
  const region = world.mmio(0x2f00000, 0x4000, (offset) => `ssip[${offset >> 2}]`, (value) => value !== 0);
  const context = host.context('/soc/sswi@2f00000', region, host.harts.irq.soft, {}, ['nuclei,ux900-aclint-sswi']);
  code.aclintSswi.probe(context, [host.harts, host.csr, host.muxes, host.cpuhp, host.ipi, new AclintSswi(host.smp)]);
  return finished(host, cpu, host.harts.irq.soft);
}

function imsic(world: World, cpu: number, code: CodeUnderCheck): Provider {
  const host = new SceneHost(world, 'S', (at) => `eip1[${at}]`, { aia: true });
  const size = host.harts.nr * 0x1000;
  // A message makes its identity pending; here all are identity 1.
  const region = world.mmio(0x28000000, size, (offset) => `eip1[${offset >> 12}]`);
  const context = host.context('/soc/interrupt-controller@28000000', region, host.harts.irq.ext, { 'riscv,num-ids': [63] });
  code.imsicEarly.probe(context, [host.harts, host.csr, host.muxes, host.cpuhp, host.ipi, new Imsic(), new LocalTimers(host.smp)]);
  return finished(host, cpu, host.harts.irq.ext);
}

function clintProvider(world: World, cpu: number, code: CodeUnderCheck): Provider {
  const host = new SceneHost(world, 'M', (at) => `msip[${at}]`);
  const region = world.mmio(0x2000000, 0x10000, (offset) => (offset < 0x4000 ? `msip[${offset >> 2}]` : `mtime[${offset}]`));
  const context = host.context('/soc/clint@2000000', region, host.harts.irq.soft);
  const parents = context.parents.flatMap((parent) => [parent, { ...parent, args: [host.harts.irq.timer] }]);
  code.clint.probe(Object.assign(Object.create(context) as typeof context, { parents }), [host.harts, host.csr, host.muxes, host.ipi, host.cpuhp, new ClockEvents(host.smp)]);
  return finished(host, cpu, host.harts.irq.soft);
}

function finished(host: SceneHost, cpu: number, cause: number): Provider {
  return { host, virq: host.virq, line: host.lines[cpu]!, handler: () => host.deliver(cause) };
}
