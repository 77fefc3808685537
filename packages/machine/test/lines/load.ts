import { irqSetAffinity } from '@irqchip/genirq-core';
import { CpuMask, IrqError } from '@irqchip/smp';
import type { Machine } from '../../src/index.ts';
import { Random } from '../../src/index.ts';
import type { Line } from './line.ts';

const TICK_NS = 4e6;

/** Moves lines about at random while interrupts change their CPUs, and CPUs come and go. */
export class Load {
  /** What the device did. */
  events = 0;
  affinities = 0;
  hotplugs = 0;
  /** Lines that were not served while a CPU was away. */
  stranded = 0;
  private readonly random: Random;

  constructor(private readonly machine: Machine, private readonly lines: readonly Line[], seed: number) {
    this.random = new Random(seed);
  }

  run(events: number): void {
    const replug = Math.floor(events / 5);
    for (let next = replug; this.events < events;) {
      this.burst(1 + this.random.below(24));
      if (this.random.below(16) === 0) this.move();
      // Changes of other CPUs take effect at their next tick: most of the time, lines do not wait for it.
      if (this.random.below(16) === 0) this.machine.advance(TICK_NS);
      if (this.events >= next) {
        this.replug();
        next += replug;
      }
    }
    this.machine.advance(100e6);
  }

  /** Some lines move, with the interrupts of a CPU on or off meanwhile; then everybody may run, or not yet. */
  private burst(count: number): void {
    const { machine, random } = this;
    const { cpus } = machine.smp;
    machine.on(this.anyOnline(), () => {
      const quiet = random.below(2) === 0;
      if (quiet) cpus.localIrqDisable();
      for (let i = 0; i < count; i++) this.touch();
      if (quiet) cpus.localIrqEnable();
    });
    if (random.below(4) !== 0) machine.settle();
  }

  private touch(): void {
    const line = this.lines[this.random.below(this.lines.length)]!;
    this.events++;
    if (this.random.below(16) === 0) line.withdraw();
    else line.ask();
  }

  private move(): void {
    const { machine, random } = this;
    const { nrCpuIds } = machine.smp.cpus;
    const mask = new CpuMask(nrCpuIds);
    mask.set(this.anyOnline());
    for (let n = random.below(3); n > 0; n--) mask.set(random.below(nrCpuIds));
    const { irq } = this.lines[random.below(this.lines.length)]!;
    try {
      machine.on(this.anyOnline(), () => irqSetAffinity(machine.genirq, irq, mask));
      this.affinities++;
    } catch (error) {
      // The move before is not complete: as the kernel tells whoever asks too soon.
      if (!(error instanceof IrqError) || error.code !== 'EBUSY') throw error;
    }
  }

  /** A CPU goes and comes; at each step of the way lines move on a CPU that stays. */
  private replug(): void {
    const { machine, random } = this;
    const { cpus } = machine.smp;
    const others = [...cpus.online].filter((cpu) => cpu !== 0);
    const victim = others[random.below(others.length)]!;
    const load = (): void => {
      if (!cpus.irqsDisabledOn(0)) cpus.runOn(0, () => this.touch());
    };
    const before = machine.cpuhp.trace;
    machine.cpuhp.trace = { enter: load, multiEnter: load, exit: () => undefined };
    try {
      machine.cpuDown(victim);
      this.burst(24);
      machine.advance(5 * TICK_NS);
      this.stranded += this.lines.filter(({ owed }) => owed > 0).length;
      machine.cpuUp(victim);
    } finally {
      machine.cpuhp.trace = before;
    }
    this.hotplugs++;
  }

  private anyOnline(): number {
    const { online } = this.machine.smp.cpus;
    let skip = this.random.below(online.weight());
    let cpu = online.first();
    while (skip-- > 0) cpu = online.next(cpu);
    return cpu;
  }
}
