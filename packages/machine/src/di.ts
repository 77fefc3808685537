import 'reflect-metadata';
import { CPUHP, CPUHP_OPTIONS, type CpuHotplug } from '@irqchip/cpuhp';
import { cpuhpModule } from '@irqchip/cpuhp/di';
import { aiaModule } from '@irqchip/drivers-aia/di';
import { clintModule, sswiModule } from '@irqchip/drivers-clint/di';
import { riscvIntcModule } from '@irqchip/drivers-intc/di';
import { plicModule } from '@irqchip/drivers-plic/di';
import { sbiModule } from '@irqchip/drivers-sbi/di';
import { GENIRQ, GENIRQ_OPTIONS, type Genirq, type LinuxVersion } from '@irqchip/genirq-core';
import { genirqModule } from '@irqchip/genirq-core/di';
import { IPI_MUX, type IpiMuxes } from '@irqchip/ipi-mux';
import { ipiMuxModule } from '@irqchip/ipi-mux/di';
import { IRQCHIP_DRIVER, IRQ_DOMAINS, type IrqchipDriver, type IrqDomains } from '@irqchip/irqdomain';
import { irqdomainModule } from '@irqchip/irqdomain/di';
import {
  CLOCK_EVENTS, CSR, HARTS, RISCV_IPI, SBI, type ClockEvents, type Csr, type Harts, type PrivilegeMode, type RiscvIpi, type Sbi,
} from '@irqchip/riscv';
import { riscvModule } from '@irqchip/riscv/di';
import { IrqError, SMP, type CpuMask, type ServiceToken, type Smp } from '@irqchip/smp';
import { Container, type ContainerModule } from 'inversify';

export type { ContainerModule } from 'inversify';

/** What the machine itself supplies. */
export interface MachinePorts {
  readonly smp: Smp;
  readonly harts: Harts;
  readonly csr: Csr;
  readonly sbi: Sbi;
  readonly linux: LinuxVersion;
  /** Whether the kernel knows of NUMA nodes. */
  readonly numa: boolean;
  readonly cpumaskOfNode: (node: number) => CpuMask | null;
}

/** Which modules a machine is made of, besides the rooms below the drivers. */
export interface MachineModules {
  /** Those that come first where two drivers match one node. */
  readonly own: readonly ContainerModule[];
  readonly drivers: readonly ContainerModule[];
}

/** A driver with the services it asked for. */
export interface BoundDriver {
  readonly driver: IrqchipDriver;
  readonly services: readonly unknown[];
  /** It came with one of the machine's own modules. */
  readonly own: boolean;
}

/** Everything that the container was needed for. */
export interface Services {
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly muxes: IpiMuxes;
  readonly ipi: RiscvIpi;
  readonly clockEvents: ClockEvents;
  readonly drivers: readonly BoundDriver[];
}

/** The rooms below the drivers: every machine needs them. */
export const coreModules: readonly ContainerModule[] = [genirqModule, irqdomainModule, cpuhpModule, ipiMuxModule, riscvModule];

/**
 * The drivers that a kernel of this mode is built with: a supervisor kernel has no CLINT driver, a machine-mode kernel no
 * firmware to call, and no supervisor software interrupts (CONFIG_RISCV_M_MODE).
 */
export function driverModules(mode: PrivilegeMode): readonly ContainerModule[] {
  return [riscvIntcModule, aiaModule, plicModule, ...(mode === 'M' ? [clintModule] : [sswiModule, sbiModule])];
}

/**
 * Loads the modules, resolves everything once, and lets the container go.
 * @throws IrqError `ENOENT` for a service that no module binds, `EEXIST` for one that two bind, `EINVAL` for what is no module
 * or no token.
 */
export function resolveServices(ports: MachinePorts, modules: MachineModules): Services {
  const container = new Container();
  container.bind(SMP).toConstantValue(ports.smp);
  container.bind(HARTS).toConstantValue(ports.harts);
  container.bind(CSR).toConstantValue(ports.csr);
  container.bind(SBI).toConstantValue(ports.sbi);
  container.bind(GENIRQ_OPTIONS).toConstantValue({ linux: ports.linux, numa: ports.numa, cpumaskOfNode: ports.cpumaskOfNode });
  container.bind(CPUHP_OPTIONS).toConstantValue({ linux: ports.linux });
  load(container, modules.own);
  const own = allDrivers(container).length;
  load(container, [...coreModules, ...modules.drivers]);
  return {
    genirq: get(container, GENIRQ, 'the machine'),
    domains: get(container, IRQ_DOMAINS, 'the machine'),
    cpuhp: get(container, CPUHP, 'the machine'),
    muxes: get(container, IPI_MUX, 'the machine'),
    ipi: get(container, RISCV_IPI, 'the machine'),
    clockEvents: get(container, CLOCK_EVENTS, 'the machine'),
    drivers: allDrivers(container).map((driver, index) => ({
      driver,
      services: driver.services.map((token) => get(container, token, `driver ${driver.name}`)),
      own: index < own,
    })),
  };
}

function load(container: Container, modules: readonly ContainerModule[]): void {
  modules.forEach((module, index) => {
    if (typeof (module as ContainerModule | undefined)?.load !== 'function') {
      throw new IrqError('EINVAL', `modules[${index}] of the machine is ${module === undefined ? 'undefined' : 'no container module'}; is it exported by the package's ./di, or made by irqchipModule(...)?`);
    }
    container.load(module);
  });
}

function allDrivers(container: Container): IrqchipDriver[] {
  return container.isBound(IRQCHIP_DRIVER) ? container.getAll<IrqchipDriver>(IRQCHIP_DRIVER) : [];
}

function get<T>(container: Container, token: ServiceToken<T>, who: string): T {
  if (token === undefined) {
    throw new IrqError('EINVAL', `${who} asks for an undefined service token: two modules that import each other leave one of the tokens undefined.`);
  }
  if (!container.isBound(token)) throw new IrqError('ENOENT', unbound(who, nameOf(token)));
  try {
    return container.get<T>(token);
  } catch (error) {
    throw asIrqError(error, who, nameOf(token));
  }
}

function nameOf(token: ServiceToken<unknown>): string {
  return token.description ?? String(token);
}

function unbound(who: string, name: string): string {
  const room = /^(@[^/]+\/[^/]+)\//.exec(name)?.[1];
  return `${who} asks for ${name}, which no module binds; add ${room ? `the module of ${room}/di` : 'a module that binds it'} to the machine's modules.`;
}

/** What the container says of a graph that it cannot build, in the words of this framework. */
function asIrqError(error: unknown, who: string, name: string): IrqError {
  if (error instanceof IrqError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const inner = /for service: "Symbol\(([^)]+)\)"/.exec(text)?.[1] ?? name;
  const via = inner === name ? '' : ` for ${name}`;
  if (/^No bindings? found/.test(text)) return new IrqError('ENOENT', unbound(`${who}${via}`, inner), { cause: error });
  if (/^Ambiguous/.test(text)) {
    return new IrqError('EEXIST', `${who} asks for ${inner}${via}, which two modules bind; leave one of them out.`, { cause: error });
  }
  return new IrqError('EINVAL', `${who} asks for ${name}, which cannot be made: ${text.split('\n', 1)[0]}`, { cause: error });
}
