import { CpuHotplug } from '@irqchip/cpuhp';
import {
  disablePercpuIrq, enablePercpuIrq, Genirq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendMask, requestPercpuIrq,
} from '@irqchip/genirq-core';
import { IpiMuxes, IpiMuxV5 } from '@irqchip/ipi-mux';
import { IrqDomains } from '@irqchip/irqdomain';
import { CpuMask, PerCpu, Smp, type SharedWords } from '@irqchip/smp';
import { Pause, type Op } from './ops.ts';
import { ReplayMemory, type Actor, type Mutant } from './replay-memory.ts';

/** What the target's task does; vIPIs are given by their place in {@link Scene.vipis}. */
export type TargetStep = readonly [what: 'mask' | 'unmask', vipi: number];

/** Who does what. The target is CPU 0; CPUs 1 and up send one vIPI each, after storing a payload of their own. */
export interface Scene {
  readonly name: string;
  /** hwirqs in play. */
  readonly vipis: readonly number[];
  /** Places in `vipis` that are enabled at the start. */
  readonly enabled: readonly number[];
  /** What each sender sends, as a place in `vipis`. */
  readonly sends: readonly number[];
  readonly target: readonly TargetStep[];
}

/** Whose code runs. `v5-once` leaves its loop after the first turn. */
export type Contract = 'merged' | 'patch' | 'v5' | 'v5-once';

export interface Variant {
  readonly contract: Contract;
  readonly mutant?: Mutant;
  /** The driver of the merged contract puts an I/O barrier between its clear and process(). */
  readonly driverBarrier?: boolean;
  /** The driver of the merged contract clears and processes until nothing is found. */
  readonly loop?: boolean;
}

class LeaveLoop extends Error {}

/**
 * The real mux on a memory that stops it at every step. Programs: 0 is the target's task, 1 … n are the senders, n + 1 is the
 * target's parent interrupt.
 */
export class Subject {
  readonly memory: ReplayMemory;
  readonly programs: readonly (() => void)[];
  private readonly smp: Smp;
  private readonly genirq: Genirq;
  private readonly payload: SharedWords;
  private virq = 0;
  private turns = 0;
  private process: () => void = () => undefined;

  constructor(readonly scene: Scene, readonly variant: Variant) {
    const { vipis, sends, enabled } = scene;
    this.memory = new ReplayMemory(variant.mutant ?? {});
    this.smp = new Smp({ nrCpus: sends.length + 1, memory: this.memory });
    this.memory.irqsOn = () => !this.smp.cpus.irqsDisabled();
    for (let cpu = 1; cpu <= sends.length; cpu++) this.smp.cpus.online.set(cpu);
    this.genirq = new Genirq(this.smp);
    this.payload = this.memory.words('payload', sends.length);
    const nrIpi = Math.max(...vipis) + 1;
    this.create(nrIpi);
    vipis.forEach((hwirq, vipi) => {
      requestPercpuIrq(this.genirq, this.virq + hwirq, () => {
        this.memory.step({ kind: 'note', what: 'handler', vipi });
        return IRQ_HANDLED;
      }, 'vipi', new PerCpu(() => 0));
    });
    for (const vipi of enabled) enablePercpuIrq(this.genirq, this.virq + vipis[vipi]!, IRQ_TYPE.NONE);
    this.programs = [() => this.task(), ...sends.map((_, i) => () => this.send(i)), () => this.interrupt()];
    const words = (nrIpi + 31) >>> 5;
    this.memory.open(this.isV5
      ? [['ipi-mux v5 bits', 'bits', 2], ['payload', 'payload', sends.length]]
      : [['ipi-mux enable', 'enable', words], ['ipi-mux bits', 'bits', words], ['payload', 'payload', sends.length]]);
  }

  get isV5(): boolean { return this.variant.contract === 'v5' || this.variant.contract === 'v5-once'; }

  /** Runs a program from its start with these results; returns its next step and whether its CPU takes interrupts there. */
  run(program: number, results: readonly number[]): { op: Op | null; irqsOn: boolean } {
    const { cpus } = this.smp;
    this.memory.start(this.actorOf(program), results);
    this.turns = 0;
    const cpu = this.cpuOf(program);
    let stopped: { op: Op | null; irqsOn: boolean } = { op: null, irqsOn: true };
    try {
      cpus.runOn(cpu, this.programs[program]!);
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
      stopped = error;
    }
    cpus.runOn(cpu, () => {
      while (cpus.inHardirq()) cpus.irqExit();
      cpus.localIrqEnable();
    });
    const [finding] = this.smp.diagnostics.take();
    if (finding) throw new Error(finding.message);
    return stopped;
  }

  private actorOf(program: number): Actor {
    if (program === 0) return 'target';
    return program === this.programs.length - 1 ? 'handler' : 'sender';
  }

  private cpuOf(program: number): number { return this.actorOf(program) === 'sender' ? program : 0; }

  private create(nrIpi: number): void {
    const { contract } = this.variant;
    const domains = new IrqDomains(this.genirq);
    const cpuhp = new CpuHotplug(this.smp);
    const ops = { clear: () => this.clear(), send: (_parent: number, mask: CpuMask) => { if (mask.test(0)) this.ring(); } };
    if (this.isV5) {
      const v5 = new IpiMuxV5(domains, cpuhp);
      this.virq = v5.create(0, ops);
      this.process = () => v5.process();
      return;
    }
    const muxes = new IpiMuxes(domains, cpuhp);
    const mux = muxes.create(contract === 'merged' ? { nrIpi, send: () => this.ring() } : { nrIpi, parentVirq: 0, ops });
    this.virq = mux.virq;
    this.process = () => mux.process();
  }

  private task(): void {
    for (const [what, vipi] of this.scene.target) {
      const virq = this.virq + this.scene.vipis[vipi]!;
      // Between two steps of a task interrupts are on.
      this.memory.step({ kind: 'idle' });
      if (what === 'mask') disablePercpuIrq(this.genirq, virq);
      else enablePercpuIrq(this.genirq, virq, IRQ_TYPE.NONE);
      this.memory.step({ kind: 'note', what: `${what}ed`, vipi });
    }
  }

  private send(i: number): void {
    this.payload.writeOnce(i, 1);
    const desc = irqToDesc(this.genirq, this.virq + this.scene.vipis[this.scene.sends[i]!]!)!;
    rawIpiSendMask(desc, CpuMask.of(this.smp.cpus.nrCpuIds, 0));
    this.memory.flush();
  }

  private interrupt(): void {
    const { cpus } = this.smp;
    cpus.localIrqDisable();
    cpus.irqEnter();
    try {
      this.drive();
    } catch (error) {
      if (!(error instanceof LeaveLoop)) throw error;
    }
  }

  private drive(): void {
    if (this.variant.contract !== 'merged') return this.process();
    do {
      this.memory.took = false;
      this.clear();
      if (this.variant.driverBarrier) this.memory.mb();
      this.process();
    } while (this.variant.loop && this.memory.took);
  }

  private clear(): void {
    if (++this.turns === 2 && this.variant.contract === 'v5-once') throw new LeaveLoop();
    if (this.memory.mutant.clear === undefined) this.memory.step({ kind: 'clear' });
  }

  private ring(): void {
    if (this.memory.actor === 'target' && this.memory.mutant.noReRaise) return;
    this.memory.step({ kind: 'ring' });
    this.memory.flush();
  }
}
