import { ofIrqInit, type DeviceTree, type DtNode } from '@irqchip/devicetree';
import { affinityOnlineCpu } from '@irqchip/genirq-core';
import { IrqError } from '@irqchip/smp';
import { releaseProbe, type IrqchipStage, type ProbeContext } from '@irqchip/irqdomain';
import type { Assembly } from './assemble.ts';
import type { BoundDriver } from '../di.ts';
import type { Consumer } from '../consumers/consumer.ts';
import { planConsumers, type Planned } from '../consumers/plan.ts';
import { requestConsumer } from '../consumers/request.ts';
import type { ConsumerSpec } from '../consumers/spec.ts';
import { afterInitcall, beginEarlyBoot, beginScheduling, endEarlyBoot } from './early.ts';
import { printFirmware } from './firmware-log.ts';
import { ProbeLeft } from './left-behind.ts';
import { matchDriver, type ProbeFailure } from './probe.ts';
import { reportIdle, reportUndriven } from './undriven.ts';

/** What came of booting. */
export interface Booted {
  /** Drivers that refused their node, in order. */
  readonly failures: readonly ProbeFailure[];
  /** Devices that requested interrupts, in order. */
  readonly consumers: readonly Consumer[];
  /** Interrupts that were there before devices were probed. */
  readonly earlyIrqs: ReadonlySet<number>;
}

/**
 * Boots: local controllers and what hangs off them, parents first; IPIs of the firmware where nobody else has any; timers; all with
 * interrupts off. Then, with interrupts on, the other CPUs; platform devices; the drivers of devices that request interrupts.
 * @throws IrqError `ENODEV` when no driver became the root controller, `ENOENT` for a consumer whose device is not there, `EDEADLK` for an
 * interrupt that nobody quiets.
 * @kernel start_kernel
 */
export function bootKernel(parts: Assembly, listed: readonly ConsumerSpec[] | 'none'): Booted {
  const { smp, services: { genirq }, runner } = parts;
  const boot = new Boot(parts);
  const planned = listed === 'none' ? [] : planConsumers(parts.tree, listed);
  beginEarlyBoot(smp);
  boot.banner();
  boot.irqchips();
  boot.nodeless('arch');
  boot.each('timer');
  endEarlyBoot(smp);
  beginScheduling(smp, genirq);
  boot.secondaries();
  const earlyIrqs = new Set([...genirq.descs].map(({ irq }) => irq));
  boot.platform();
  runner.settle();
  const consumers = planned.flatMap((plan) => boot.consumer(plan));
  runner.settle();
  smp.systemState = 'SYSTEM_RUNNING';
  return { failures: boot.failures, consumers, earlyIrqs };
}

class Boot {
  readonly failures: ProbeFailure[] = [];
  /** Whose IPIs the machine uses. */
  private ipiProvider: { readonly driver: string; readonly node: string } | null = null;

  constructor(private readonly parts: Assembly) {}

  banner(): void {
    const { smp, board, services } = this.parts;
    if (services.genirq.linux === '7.2') smp.log.info(`Booting Linux on hartid ${board.harts[0]!.hartid}`);
    smp.log.info(`Machine model: ${board.model}`);
    if (board.mode === 'S') printFirmware(smp.log, this.parts.sbi);
    smp.log.info(`NR_IRQS: ${services.genirq.descs.nrIrqs}, nr_irqs: ${services.genirq.descs.nrIrqs}, preallocated irqs: 0`);
  }

  /** @kernel irqchip_init */
  irqchips(): void {
    const { tree, smp, services } = this.parts;
    const drivers = this.stage('irqchip');
    const { left } = ofIrqInit(tree, (node) => matchDriver(drivers, node) !== null, (node) => this.probe(matchDriver(drivers, node)!, node), smp.log);
    for (const { node, parent } of left) this.fail({ node: node.path, driver: matchDriver(drivers, node)!.driver.name, error: this.orphan(parent) });
    const undriven = reportUndriven(this.parts) + reportIdle(this.parts);
    if (!services.genirq.hasRootHandler) {
      smp.log.emerg('Kernel panic - not syncing: No interrupt controller found.');
      throw new IrqError('ENODEV', `No interrupt controller found: no driver became the root controller of this board.${undriven}${this.why() || noLocalController(tree)}`);
    }
  }

  /** Why a controller was never probed: of_irq_init goes from parents to children. */
  private orphan(parent: DtNode): IrqError {
    const bound = matchDriver(this.parts.services.drivers, parent);
    const where = `its interrupt parent ${parent.path}`;
    if (bound?.driver.stage === 'platform') {
      return new IrqError('EPROBE_DEFER', `never probed: ${where} comes later, at stage platform, with ${bound.driver.name}. Give this driver stage: 'platform' too.`);
    }
    return new IrqError('ENODEV', `never probed: ${where} was not; see why above, or set this node's status to "disabled".`);
  }

  /** Drivers that serve no node of their own. */
  nodeless(stage: IrqchipStage): void {
    for (const bound of this.stage(stage)) this.attempt(bound, this.parts.tree.root);
  }

  each(stage: IrqchipStage): void {
    const drivers = this.stage(stage);
    for (const node of this.parts.tree.nodes()) {
      if (!node.isAvailable) continue;
      const bound = matchDriver(drivers, node);
      if (bound) this.attempt(bound, node);
    }
  }

  /** @kernel smp_init */
  secondaries(): void {
    const { smp, services, board } = this.parts;
    services.cpuhp.setCoreCallback('CPUHP_AP_IRQ_AFFINITY_ONLINE', (cpu) => affinityOnlineCpu(services.genirq, cpu));
    services.cpuhp.setupStateNocalls('CPUHP_AP_SMPCFD_DYING', 'smpcfd:dying', null, () => services.ipi.smpcfdDying());
    smp.log.info('smp: Bringing up secondary CPUs ...');
    for (const cpu of smp.cpus.present) {
      if (smp.cpus.online.test(cpu)) continue;
      try {
        services.cpuhp.cpuUp(cpu);
      } catch (error) {
        if (!(error instanceof IrqError)) throw error;
        this.fail({ node: board.harts[cpu]!.node.path, driver: 'smp', error });
      }
    }
    const nodes = new Set(board.harts.map(({ numaNode }) => numaNode)).size;
    const cpus = smp.cpus.online.weight();
    smp.log.info(`smp: Brought up ${plural(nodes, 'node')}, ${plural(cpus, 'CPU')}`);
  }

  /** Device initcalls; a driver that defers is tried again as long as another one succeeds. */
  platform(): void {
    const drivers = this.stage('platform');
    let waiting = [...this.parts.tree.nodes()].filter((node) => node.isAvailable && matchDriver(drivers, node) !== null);
    let deferred: ProbeFailure[] = [];
    for (let before = waiting.length + 1; waiting.length > 0 && waiting.length < before;) {
      before = waiting.length;
      deferred = [];
      waiting = waiting.filter((node) => this.initcall(matchDriver(drivers, node)!, node, deferred));
    }
    for (const failure of deferred) this.fail(failure);
  }

  private initcall(bound: BoundDriver, node: DtNode, deferred: ProbeFailure[]): boolean {
    const again = this.attempt(bound, node, deferred);
    afterInitcall(this.parts.smp, bound.driver.name);
    return again;
  }

  /** What nobody listed is left out in silence where it cannot be: many a tree has a serial port and no driver for its controller. */
  consumer(planned: Planned): Consumer[] {
    try {
      return requestConsumer(this.parts, planned);
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      if ('builtIn' in planned && planned.builtIn) this.parts.smp.log.debug(`irqchip: ${planned.names.join(', ')} has no interrupt: ${error.message}`);
      else this.fail({ node: 'node' in planned ? planned.node.path : planned.pci, driver: 'consumer', error });
      return [];
    }
  }

  /** Probes and keeps the failure. Returns whether to try again later. */
  private attempt(bound: BoundDriver, node: DtNode, deferred?: ProbeFailure[]): boolean {
    try {
      this.probe(bound, node, deferred);
      return false;
    } catch (error) {
      if (!(error instanceof IrqError)) throw error;
      return deferred !== undefined && error.code === 'EPROBE_DEFER';
    }
  }

  private probe(bound: BoundDriver, node: DtNode, deferred?: ProbeFailure[]): void {
    const { services, services: { muxes, ipi } } = this.parts;
    const left = new ProbeLeft(services);
    let context: ProbeContext | null = null;
    try {
      context = this.parts.prober.context(node);
      bound.driver.probe(context, bound.services);
      if (ipi.haveVirqRange || muxes.all.length > 0) this.ipiProvider ??= { driver: bound.driver.name, node: node.path };
    } catch (error) {
      if (context !== null) releaseProbe(context);
      if (!(error instanceof IrqError)) throw error;
      left.report(`${bound.driver.name}: ${node.path}`);
      const failure: ProbeFailure = { node: node.path, driver: bound.driver.name, error };
      if (deferred && error.code === 'EPROBE_DEFER') deferred.push(failure);
      else this.fail(failure);
      throw error;
    }
  }

  private fail(failure: ProbeFailure): void {
    const { log, diagnostics } = this.parts.smp;
    const { driver, node, error: { message } } = failure;
    const line = `${driver}: ${message.startsWith(node) ? '' : `${node}: `}${message}${this.cure(failure)}`;
    this.failures.push(failure);
    log.err(line);
    diagnostics.report('probe', line);
  }

  /** What to do when a second provider of IPIs finds the first one's. */
  private cure({ driver, error }: ProbeFailure): string {
    const first = this.ipiProvider;
    if (first === null || !(error instanceof IrqError) || (error.code !== 'EEXIST' && driver !== first.driver)) return '';
    return ` IPIs come from ${first.node} (${first.driver}) already: set the status of one of the two nodes to "disabled", or leave one driver out.`;
  }

  private stage(stage: IrqchipStage): BoundDriver[] {
    return this.parts.services.drivers.filter(({ driver }) => driver.stage === stage);
  }

  private why(): string {
    const [first] = this.failures;
    return first ? ` ${first.driver} refused ${first.node}: ${first.error.message}` : '';
  }
}

/** The commonest reason why no driver was even tried. */
function noLocalController(tree: DeviceTree): string {
  for (const node of tree.nodes()) if (node.has('interrupt-controller') && node.isAvailable) return '';
  return ' No available node of the tree has the property interrupt-controller; each cpu node needs a child that has it and is compatible with riscv,cpu-intc.';
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
