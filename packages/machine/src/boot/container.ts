import 'reflect-metadata';
import { CPUHP, CPUHP_OPTIONS, type CpuHotplug } from '@irqchip/cpuhp';
import { GENIRQ, GENIRQ_OPTIONS, type Genirq, type LinuxVersion } from '@irqchip/genirq-core';
import { IPI_MUX, type IpiMuxes } from '@irqchip/ipi-mux';
import { IRQCHIP_DRIVER, IRQ_DOMAINS, type IrqchipDriver, type IrqDomains } from '@irqchip/irqdomain';
import { CSR, HARTS, RISCV_IPI, SBI, type Csr, type Harts, type RiscvIpi, type Sbi } from '@irqchip/riscv';
import { IrqError, SMP, type ServiceToken, type Smp } from '@irqchip/smp';
import { Container, type ContainerModule } from 'inversify';

/** What the machine itself supplies. */
export interface MachinePorts {
  readonly smp: Smp;
  readonly harts: Harts;
  readonly csr: Csr;
  readonly sbi: Sbi;
  readonly linux: LinuxVersion;
}

/** A driver with the services it asked for. */
export interface BoundDriver { readonly driver: IrqchipDriver; readonly services: readonly unknown[] }

/** Everything that the container was needed for. */
export interface Services {
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly muxes: IpiMuxes;
  readonly ipi: RiscvIpi;
  readonly drivers: readonly BoundDriver[];
}

/** Loads the modules, resolves everything once, and lets the container go. */
export function resolveServices(ports: MachinePorts, modules: readonly ContainerModule[]): Services {
  const container = new Container();
  container.bind(SMP).toConstantValue(ports.smp);
  container.bind(HARTS).toConstantValue(ports.harts);
  container.bind(CSR).toConstantValue(ports.csr);
  container.bind(SBI).toConstantValue(ports.sbi);
  container.bind(GENIRQ_OPTIONS).toConstantValue({ linux: ports.linux });
  container.bind(CPUHP_OPTIONS).toConstantValue({ linux: ports.linux });
  container.load(...modules);
  const drivers = container.isBound(IRQCHIP_DRIVER) ? container.getAll<IrqchipDriver>(IRQCHIP_DRIVER) : [];
  return {
    genirq: get(container, GENIRQ, 'the machine'),
    domains: get(container, IRQ_DOMAINS, 'the machine'),
    cpuhp: get(container, CPUHP, 'the machine'),
    muxes: get(container, IPI_MUX, 'the machine'),
    ipi: get(container, RISCV_IPI, 'the machine'),
    drivers: drivers.map((driver) => ({
      driver,
      services: driver.services.map((token) => get(container, token, `driver ${driver.name}`)),
    })),
  };
}

function get<T>(container: Container, token: ServiceToken<T>, who: string): T {
  if (token === undefined) {
    throw new IrqError('EINVAL', `${who} asks for an undefined service token: two modules that import each other leave one of the tokens undefined.`);
  }
  if (!container.isBound(token)) {
    const name = token.description ?? String(token);
    const room = /^(@irqchip\/[^/]+)\//.exec(name)?.[1];
    throw new IrqError('ENOENT', `${who} asks for ${name}, which no module binds; add ${room ? `the module of ${room}/di` : 'a module that binds it'} to the machine's modules.`);
  }
  return container.get<T>(token);
}
