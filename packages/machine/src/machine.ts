import type { Board, Schedule, Wire } from '@irqchip/board';
import { nodeAt, wiredTo } from '@irqchip/board/internals';
import { parseDtb, parseInterrupt, type DeviceTree } from '@irqchip/devicetree';
import type { CpuHotplug } from '@irqchip/cpuhp';
import {
  pollSpuriousIrqs, runAffinityNotify, runIrqThreads, runPendingResend, showInterrupts, type Genirq, type LinuxVersion,
} from '@irqchip/genirq-core';
import type { IpiMuxes } from '@irqchip/ipi-mux';
import type { IrqDomains } from '@irqchip/irqdomain';
import type { ClockEvents, HardwareInstance, HardwareModel, Harts, PrivilegeMode, RiscvIpi, Sbi } from '@irqchip/riscv';
import { CpuMask, IrqError, type Memory, type Smp } from '@irqchip/smp';
import { assemble, type Assembly } from './boot/assemble.ts';
import type { ProbeFailure } from './boot/probe.ts';
import { bootKernel, type Booted } from './boot/stages.ts';
import { checkConsumers } from './consumers/check.ts';
import type { Consumer } from './consumers/consumer.ts';
import type { ConsumerSpec } from './consumers/spec.ts';
import type { ContainerModule } from './di.ts';
import { mapInterrupt } from './wires/map-interrupt.ts';

export interface MachineOptions {
  /** A flattened device tree, or one that is parsed already. Firmware's fix-ups are made on a copy. */
  readonly tree: Uint8Array | DeviceTree;
  /** Default 'S': a supervisor kernel on SBI firmware. 'M': a kernel that owns machine mode. */
  readonly mode?: PrivilegeMode;
  /** hartid of the boot hart, which becomes CPU 0. Default: what the tree says. */
  readonly bootHart?: number;
  /** How many CPUs; fewer or more than the tree has. Default: as many as the tree has. */
  readonly cpus?: number;
  /** Whose text formats and numbers to follow. Default '6.12'. */
  readonly linux?: LinuxVersion;
  /** Whether the kernel is built with NUMA. Default: as the recorded kernels are, 6.12 with it and 7.2 without. */
  readonly numa?: boolean;
  /**
   * Which devices request which interrupts, in order; serial ports and clocks that are not among them follow. Default: those
   * alone. 'none': nobody requests any.
   */
  readonly consumers?: readonly ConsumerSpec[] | 'none';
  /** Default: ascending. */
  readonly schedule?: Schedule;
  /** Default: the plain memory of a machine that runs one CPU at a time. */
  readonly memory?: Memory;
  /** Drivers besides those that come with the framework. They come first where both match a node. */
  readonly modules?: readonly ContainerModule[];
  /** Device models besides those that come with the framework. */
  readonly hardware?: readonly HardwareModel[];
  /** Leave the framework's own drivers out. */
  readonly bare?: boolean;
  /** Switches of device models, by compatible string. */
  readonly hardwareOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Seed of what earlier stages left in the registers of a supervisor kernel's controllers. Default: they are as after reset. */
  readonly scramble?: number;
  /**
   * Interrupts in a row, with no task between them, that are a storm; so are ten register accesses for each of them in one trap.
   * Default 100,000, and never fewer for one that nobody handles: after those the kernel switches it off.
   */
  readonly stormLimit?: number;
  /** Called with the shared ports before anything is printed, so that a watcher misses nothing. */
  readonly onStart?: (smp: Smp) => void;
}

/** A booted machine: CPUs that run, interrupts that arrive, and the texts that Linux would show. */
export class Machine {
  readonly board: Board;
  readonly tree: DeviceTree;
  readonly smp: Smp;
  readonly genirq: Genirq;
  readonly domains: IrqDomains;
  readonly cpuhp: CpuHotplug;
  readonly harts: Harts;
  readonly muxes: IpiMuxes;
  readonly ipi: RiscvIpi;
  /** The timers of the CPUs. */
  readonly clockEvents: ClockEvents;
  readonly sbi: Sbi;
  /** Drivers that refused their node, in order. */
  readonly failures: readonly ProbeFailure[];
  /** Devices that requested interrupts at boot, in order: one for each name. */
  readonly consumers: readonly Consumer[];
  /** Interrupts that were there before devices were probed. */
  readonly earlyIrqs: ReadonlySet<number>;
  private readonly parts: Assembly;

  constructor(parts: Assembly, { failures, consumers, earlyIrqs }: Booted) {
    this.parts = parts;
    this.failures = failures;
    this.consumers = consumers;
    this.earlyIrqs = earlyIrqs;
    this.board = parts.board;
    this.tree = parts.tree;
    this.smp = parts.smp;
    this.harts = parts.harts;
    this.sbi = parts.sbi;
    this.genirq = parts.services.genirq;
    this.domains = parts.services.domains;
    this.cpuhp = parts.services.cpuhp;
    this.muxes = parts.services.muxes;
    this.ipi = parts.services.ipi;
    this.clockEvents = parts.services.clockEvents;
  }

  /**
   * Runs `fn` as a task of `cpu`; what became pending there meanwhile is taken before it returns.
   * @throws IrqError `EINVAL` when the CPU is not online.
   */
  on<T>(cpu: number, fn: () => T): T {
    const { cpus } = this.smp;
    if (!cpus.online.test(cpu)) throw new IrqError('EINVAL', `CPU ${cpu} is not online; online CPUs are ${cpus.online.toList()}.`);
    return cpus.runOn(cpu, () => {
      const result = fn();
      cpus.boundary();
      this.runDeferred();
      return result;
    });
  }

  /**
   * Runs CPUs until none has an interrupt that it could take, nor a woken thread or a software resend to run.
   * @throws IrqError `EDEADLK` for an interrupt storm, naming the interrupt and its last handler or thread.
   */
  settle(): void {
    do this.parts.runner.settle(); while (this.runDeferred());
  }

  /**
   * Lets `ns` of simulated time pass, timers and their interrupts included.
   * @throws IrqError `EINVAL` for time that does not go forward, `EDEADLK` for an interrupt storm.
   */
  advance(ns: number): void {
    const { clock } = this.parts;
    const end = clock.nowNs() + ns;
    if (!(ns >= 0 && end < Infinity)) throw new IrqError('EINVAL', `Time goes forward: advance() takes 0 or more ns, not ${ns}.`);
    this.settle();
    let next: number;
    do {
      // Step by step: what a timer starts may ask for a poll before the end.
      next = Math.min(end, clock.nextNs, this.genirq.spurious.nextPollNs ?? end);
      clock.advanceTo(next, () => this.settle());
      this.pollWhenDue();
    } while (next < end);
    this.settle();
  }

  /** Takes a CPU up, from the first online CPU. Throws what the hotplug machine reports. @kernel add_cpu (the machine's own switch) */
  cpuUp(cpu: number): void { this.replug(cpu, () => this.cpuhp.addCpu(cpu)); }

  /** Takes a CPU down, from the first online CPU other than itself. @kernel remove_cpu (the machine's own switch) */
  cpuDown(cpu: number): void { this.replug(cpu, () => this.cpuhp.removeCpu(cpu)); }

  /**
   * The Linux number of interrupt `index` of a device-tree node, mapped when first asked for.
   * @throws IrqError `ENOENT` for a node that the tree does not have, `EINVAL` when the interrupt cannot be resolved or mapped.
   * @kernel of_irq_get
   */
  irqOf(path: string, index = 0): number {
    return mapInterrupt(this.parts, parseInterrupt(nodeAt(this.tree, path), index), `${path}: interrupt ${index}`);
  }

  /**
   * The wire of interrupt `index` of a device-tree node, to the controller that the tree leads it to.
   * @throws IrqError `ENOENT` for a node that the tree does not have, `EINVAL` when the interrupt cannot be resolved, `ENODEV` when
   * no hardware model is at its end.
   */
  wire(path: string, index = 0): Wire { return this.parts.wires.ofDevice(path, index); }

  /**
   * A wire to input `source` of the controller at `path`, for a device that is in no tree. Errors as {@link wire}.
   */
  pin(path: string, source: number): Wire { return this.parts.wires.ofPin(path, source); }

  /** The text of /proc/interrupts. @kernel show_interrupts (of the whole machine) */
  procInterrupts(): string {
    return showInterrupts(this.genirq, (prec) => this.ipi.archShowInterrupts(prec));
  }

  /** The device model of a node, by the node's path; null when the node has none. */
  model(path: string): HardwareInstance | null {
    return this.parts.models.get(path) ?? null;
  }

  /** What a task left to threads and to the resend tasklet; a trap runs its own. Returns whether anything ran. */
  private runDeferred(): boolean {
    const { genirq, smp: { cpus } } = this;
    if ((!genirq.resends.pending && !genirq.threads.pending) || cpus.inHardirq() || cpus.irqsDisabled()) return false;
    return runPendingResend(genirq) + runIrqThreads(genirq) > 0;
  }

  /** What others wait to hear after a CPU came or went is told once interrupts have settled. */
  private replug(cpu: number, change: () => void): void {
    const { cpus } = this.smp;
    const control = this.controlCpu(cpu);
    try {
      this.on(control, change);
    } finally {
      if (!cpus.online.test(cpus.current)) cpus.migrate(control);
    }
    this.settle();
    this.on(this.controlCpu(cpu), () => runAffinityNotify(this.genirq));
  }

  /** The timer of stuck interrupts. */
  private pollWhenDue(): void {
    const { genirq, parts: { clock } } = this;
    const dueNs = genirq.spurious.nextPollNs;
    if (dueNs === null || dueNs > clock.nowNs()) return;
    this.on(this.controlCpu(-1), () => pollSpuriousIrqs(genirq));
    this.settle();
  }

  private controlCpu(other: number): number {
    const { online, nrCpuIds } = this.smp.cpus;
    const candidates = new CpuMask(nrCpuIds).copy(online);
    if (other >= 0 && other < nrCpuIds) candidates.clear(other);
    return candidates.isEmpty() ? online.first() : candidates.first();
  }
}

/**
 * Builds a machine from a device tree and boots it: local controllers and IPI provider first, then timers, the other CPUs,
 * and platform devices.
 * @throws IrqError for a tree that no kernel would boot from, saying what is wrong and where; `EDEADLK` for an interrupt storm while it boots.
 */
export function createMachine(options: MachineOptions): Machine {
  const tree = options.tree instanceof Uint8Array ? parseDtb(options.tree) : options.tree;
  const consumers = options.consumers === 'none' ? 'none' : checkConsumers(options.consumers ?? []);
  const parts = assemble(tree, options);
  parts.runner.sources = (hartid, cause) => wiredTo(parts.tree, hartid, cause);
  options.onStart?.(parts.smp);
  return new Machine(parts, bootKernel(parts, consumers));
}
