import {
  disablePercpuIrq, enablePercpuIrq, freePercpuIrq, IRQ_HANDLED, IRQ_TYPE, irqToDesc, rawIpiSendMask, requestPercpuIrq, type IrqDesc,
} from '@irqchip/genirq-core';
import type { IpiMux } from '@irqchip/ipi-mux';
import { CpuMask, PerCpu } from '@irqchip/smp';
import { createMachine, IpiLedger, Random, SeededSchedule, type Machine } from '../src/index.ts';
import { bootRecorded, dtb, RECORDINGS, type Recording } from './recordings.ts';

const CPUS = 4;
const NR_IPI = 8;
/** Per seed. */
const SENDS = 1_000_000;
/** What takes two seconds may take twenty where others work as well. */
const PATIENCE_MS = 60_000;
/** Ten seeds, the boards in turn. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const recording = (name: string): Recording => RECORDINGS.find(({ board }) => board === name)!;
type Board = readonly [name: string, recording: Recording, tree: string];
const BOARDS: readonly Board[] = [
  ['IMSIC', recording('linux-6.12-debugfs/imsic-smp4'), 'linux-sees.dtb'],
  ['SBI', recording('linux-6.12-debugfs/plic-smp4'), 'linux-sees.dtb'],
  ['CLINT', recording('linux-7.2-mmode/mmode-smp4'), 'qemu.dtb'],
];

/**
 * All eight vIPIs of a booted machine under load. The architecture's handlers are replaced, so that no message means anything,
 * and every send is followed in a table of its own, besides the ledger.
 */
class Load {
  readonly machine: Machine;
  readonly ledger: IpiLedger;
  sent = 0;
  handled = 0;
  /** Handler runs of a vIPI that was masked. */
  unwanted = 0;
  /** Sends that were found unseen while every CPU was at rest: later traffic may yet sweep them up. */
  late = 0;
  masks = 0;
  plugs = 0;
  /** By CPU and vIPI: sends, handler runs, and how many of the sends the latest run had seen. */
  private readonly sends = new Int32Array(CPUS * NR_IPI);
  private readonly runs = new Int32Array(CPUS * NR_IPI);
  private readonly seen = new Int32Array(CPUS * NR_IPI);
  /** Unmasked ones. */
  private readonly open = new Uint8Array(CPUS * NR_IPI).fill(1);
  private readonly random: Random;
  private readonly descs: IrqDesc[] = [];
  private readonly masksOf: readonly CpuMask[] = Array.from({ length: 1 << CPUS }, (_, bits) =>
    new CpuMask(CPUS, [0, 1, 2, 3].filter((cpu) => bits & (1 << cpu))));

  constructor(board: Board, seed: number, private readonly enough: number = SENDS) {
    this.machine = bootRecorded(board[1], board[2], { schedule: new SeededSchedule(seed) });
    this.random = new Random(seed);
    this.takeOver();
    this.ledger = new IpiLedger(this.machine.genirq, this.mux);
    this.machine.cpuhp.trace = { enter: () => this.midway(), multiEnter: () => this.midway(), exit: () => this.midway() };
  }

  get mux(): IpiMux { return this.machine.muxes.all[0]!; }

  private takeOver(): void {
    const { machine, mux } = this;
    const { genirq, smp } = machine;
    expect([smp.cpus.online.toList(), mux.nrIpi]).toEqual(['0-3', NR_IPI]);
    for (const cpu of smp.cpus.online) machine.on(cpu, () => machine.ipi.disable());
    for (let i = 0; i < NR_IPI; i++) {
      const desc = irqToDesc(genirq, mux.virq + i)!;
      freePercpuIrq(genirq, desc.irq, desc.action!.percpuDevId!);
      requestPercpuIrq(genirq, desc.irq, () => this.handler(i), 'load', new PerCpu(() => 0));
      this.descs.push(desc);
    }
    for (const cpu of smp.cpus.online) machine.on(cpu, () => machine.ipi.enable());
  }

  private handler(i: number): number {
    const { cpus } = this.machine.smp;
    const slot = cpus.current * NR_IPI + i;
    if (this.open[slot] === 0) this.unwanted++;
    this.seen[slot] = this.sends[slot]!;
    this.runs[slot]!++;
    this.handled++;
    if (this.random.below(16) === 0) this.send();
    return IRQ_HANDLED;
  }

  /** Counts a send before it is made: its interrupt may come before the call returns. */
  private send(): void {
    const i = this.random.below(NR_IPI);
    const mask = this.masksOf[1 + this.random.below((1 << CPUS) - 1)]!;
    for (let cpu = mask.first(); cpu < mask.size; cpu = mask.next(cpu)) {
      this.sent++;
      this.sends[cpu * NR_IPI + i]!++;
    }
    rawIpiSendMask(this.descs[i]!, mask);
  }

  /** In the middle of a CPU's way up or down somebody sends. */
  private midway(): void {
    const { cpus } = this.machine.smp;
    if (this.sent < this.enough && !cpus.irqsDisabled()) this.send();
  }

  private switchOne(): void {
    const { machine } = this;
    const cpu = this.anyOnline();
    const i = this.random.below(NR_IPI);
    this.masks++;
    machine.on(cpu, () => {
      const slot = cpu * NR_IPI + i;
      if (this.open[slot]) {
        disablePercpuIrq(machine.genirq, this.descs[i]!.irq);
        this.open[slot] = 0;
      } else {
        this.open[slot] = 1;
        enablePercpuIrq(machine.genirq, this.descs[i]!.irq, IRQ_TYPE.NONE);
      }
    });
  }

  private replug(): void {
    const { machine } = this;
    const cpu = 1 + this.random.below(CPUS - 1);
    this.plugs++;
    if (machine.smp.cpus.online.test(cpu)) {
      machine.cpuDown(cpu);
      this.setAll(cpu, 0);
    } else {
      // The arch layer unmasks all eight on the way.
      this.setAll(cpu, 1);
      machine.cpuUp(cpu);
    }
  }

  private setAll(cpu: number, value: number): void { this.open.fill(value, cpu * NR_IPI, (cpu + 1) * NR_IPI); }

  private anyOnline(): number {
    const { online } = this.machine.smp.cpus;
    let cpu = this.random.below(CPUS);
    while (!online.test(cpu)) cpu = (cpu + 1) % CPUS;
    return cpu;
  }

  private readonly sendHere = (): void => this.send();

  run(): this {
    const { machine, random } = this;
    while (this.sent < this.enough) {
      machine.on(this.anyOnline(), this.sendHere);
      const dice = random.below(1000);
      if (dice < 300) this.rest();
      else if (dice < 400) this.switchOne();
      else if (dice < 403) this.replug();
    }
    this.rest();
    return this;
  }

  private rest(): void {
    this.machine.settle();
    this.late += this.lost();
  }

  /** Of the unmasked ones, those with a send that no run has seen. */
  lost(): number {
    let lost = 0;
    for (let slot = 0; slot < this.sends.length; slot++) if (this.open[slot] && this.seen[slot] !== this.sends[slot]) lost++;
    return lost;
  }
  /** Of the masked ones. */
  waiting(): number { return this.sends.filter((sends, slot) => !this.open[slot] && this.seen[slot] !== sends).length; }
  /** Those with more runs than sends. */
  spurious(): number { return this.sends.filter((sends, slot) => this.runs[slot]! > sends).length; }

  /** All CPUs back, everything unmasked. */
  recover(): void {
    const { machine } = this;
    for (let cpu = 0; cpu < CPUS; cpu++) {
      this.setAll(cpu, 1);
      if (!machine.smp.cpus.online.test(cpu)) machine.cpuUp(cpu);
      machine.on(cpu, () => machine.ipi.enable());
    }
    machine.settle();
  }
}

describe.each(BOARDS)('%s board', (...board) => {
  const seeds = SEEDS.filter((seed) => seed % BOARDS.length === BOARDS.findIndex(([name]) => name === board[0]));

  test.each(seeds)('4 CPUs, a million sends of all eight vIPIs, masks and hotplug in between, seed %i: none lost, none spurious', (seed) => {
    const load = new Load(board, seed).run();
    expect([load.late, load.lost(), load.spurious(), load.unwanted]).toEqual([0, 0, 0, 0]);
    const half = load.ledger.totals();
    expect(half).toMatchObject({ sent: load.sent, handled: load.handled, held: load.waiting(), lost: 0, spurious: 0 });
    expect(half.handled + half.merged + half.held).toBe(half.sent);
    load.recover();
    expect([load.lost(), load.waiting(), load.spurious(), load.unwanted]).toEqual([0, 0, 0, 0]);
    expect(load.ledger.totals()).toEqual({ sent: load.sent, handled: load.handled, merged: load.sent - load.handled, held: 0, lost: 0, spurious: 0 });
    expect(load.sent).toBeGreaterThanOrEqual(SENDS);
    // The load was one: a good part merged, a good part was handled, masks and hotplug took place.
    expect(Math.min(load.sent - load.handled, load.handled)).toBeGreaterThan(SENDS / 5);
    expect(Math.min(load.masks, load.plugs * 30)).toBeGreaterThan(300);
    expect(load.machine.smp.diagnostics.open).toEqual([]);
  }, PATIENCE_MS);

  test('the same seed is the same run', () => {
    const [a, b, c] = [3, 3, 4].map((seed) => {
      const { sent, handled, masks, plugs } = new Load(board, seed, 3000).run();
      return { sent, handled, masks, plugs };
    });
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });
});

test.each(BOARDS)('%s board with as many CPUs as can be: boots, and all of them answer a broadcast', (name, { board, linux, mode, bootHart }, tree) => {
  // A CLINT has registers for 4,095 harts.
  const cpus = name === 'CLINT' ? 4095 : 4096;
  const machine = createMachine({ tree: dtb(board, tree), linux, mode, bootHart, cpus });
  expect(machine.smp.cpus.online.weight()).toBe(cpus);
  const answers = new Int32Array(cpus);
  machine.on(17, () => machine.ipi.onEachCpu(() => { answers[machine.smp.cpus.current]!++; }));
  expect(answers.every((count) => count === 1)).toBe(true);
  expect([machine.failures, machine.smp.diagnostics.open]).toEqual([[], []]);
}, PATIENCE_MS);
