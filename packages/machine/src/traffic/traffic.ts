import { IPI, type IpiMessage } from '@irqchip/riscv';
import { Random } from '@irqchip/board';
import { CpuMask, IrqError } from '@irqchip/smp';
import type { Machine } from '../machine.ts';
import { IpiLedger, type IpiAccount, type IpiTotals } from './ledger.ts';
import { MessageLedger } from './message-ledger.ts';
import { Ticks } from './ticks.ts';

export interface TrafficOptions {
  /** Default 1. */
  readonly seed?: number;
  /** How often every CPU calls every other. Default 20. */
  readonly rounds?: number;
  /** Called after each round. */
  readonly onRound?: (round: number, rounds: number) => void;
}

export interface TrafficResult {
  readonly ipis: IpiTotals;
  /** Function calls that were asked for, and those that ran where they should. */
  readonly calls: { readonly asked: number; readonly ran: number };
  /** CPUs that went down and came back. */
  readonly hotplugs: number;
}

/** Messages that leave their target running. */
const HARMLESS: readonly IpiMessage[] = [IPI.RESCHEDULE, IPI.IRQ_WORK, IPI.TIMER];

/** Calls between that many CPUs at most are made pair by pair; beyond, each CPU calls a few others. */
const ALL_PAIRS = 64;
const TICK_NS = 4_000_000;

/**
 * Every CPU calls every other, over and over, and every few rounds one CPU goes down and comes up while the others keep
 * sending. The same seed gives the same run.
 * @throws IrqError `ENODEV` when no driver provides IPIs.
 */
export function runTraffic(machine: Machine, options: TrafficOptions = {}): TrafficResult {
  const account = accountOf(machine);
  try {
    return new Traffic(machine, options).run(account);
  } finally {
    account.close();
  }
}

/** A mux tells which sends merged; of other providers only the architecture's messages are seen. */
function accountOf({ genirq, ipi, muxes }: Machine): IpiAccount {
  if (!ipi.haveVirqRange) throw new IrqError('ENODEV', 'No driver provides IPIs on this machine, so its CPUs cannot call each other.');
  const mux = muxes.all.find(({ virq }) => virq === ipi.virqs[0]);
  return mux ? new IpiLedger(genirq, mux) : new MessageLedger(genirq, ipi);
}

class Traffic {
  private readonly random: Random;
  private readonly rounds: number;
  private readonly ticks: Ticks;
  private asked = 0;
  private ran = 0;
  private hotplugs = 0;

  constructor(private readonly machine: Machine, private readonly options: TrafficOptions) {
    this.random = new Random(options.seed ?? 1);
    this.rounds = options.rounds ?? 20;
    this.ticks = new Ticks(machine, TICK_NS);
  }

  run(account: IpiAccount): TrafficResult {
    const every = Math.max(1, Math.floor(this.rounds / 4));
    for (let round = 1; round <= this.rounds; round++) {
      this.callAround();
      this.scatter();
      if (round % every === 0) this.replug();
      this.machine.advance(TICK_NS);
      account.rest?.();
      this.options.onRound?.(round, this.rounds);
    }
    this.machine.settle();
    return { ipis: account.totals(), calls: { asked: this.asked, ran: this.ran }, hotplugs: this.hotplugs };
  }

  private callAround(): void {
    const { cpus } = this.machine.smp;
    for (const from of [...cpus.online]) {
      const targets = cpus.online.weight() <= ALL_PAIRS ? [...cpus.online] : Array.from({ length: 4 }, () => this.anyOnline());
      for (const to of targets) if (to !== from) this.call(from, to);
    }
    const from = this.anyOnline();
    const expected = cpus.online.weight();
    this.asked += expected;
    this.machine.on(from, () => this.machine.ipi.onEachCpu(() => { this.ran++; }, null, true));
  }

  private call(from: number, to: number): void {
    const { machine } = this;
    this.asked++;
    machine.on(from, () => machine.ipi.smpCallFunctionSingle(to, () => {
      if (machine.smp.cpus.current === to) this.ran++;
    }, null, true));
  }

  /** Messages nobody waits for, several to a CPU before it runs: these merge. */
  private scatter(): void {
    const { machine } = this;
    const { nrCpuIds } = machine.smp.cpus;
    for (let i = 0; i < 8; i++) {
      const mask = new CpuMask(nrCpuIds);
      for (let n = this.random.below(4); n >= 0; n--) mask.set(this.random.below(nrCpuIds));
      const op = HARMLESS[this.random.below(HARMLESS.length)]!;
      machine.on(this.anyOnline(), () => machine.ipi.sendMask(mask, op));
    }
  }

  /** Takes a CPU down and up; at every step of the way others send to it and to each other. */
  private replug(): void {
    const { machine } = this;
    const { cpus } = machine.smp;
    const candidates = [...cpus.online].filter((cpu) => cpu !== 0);
    if (candidates.length === 0) return;
    const victim = candidates[this.random.below(candidates.length)]!;
    const before = machine.cpuhp.trace;
    const load = (): void => this.loadDuring(victim);
    machine.cpuhp.trace = { enter: load, multiEnter: load, exit: () => undefined };
    try {
      machine.cpuDown(victim);
      this.scatter();
      machine.cpuUp(victim);
      this.ticks.start(victim);
    } finally {
      machine.cpuhp.trace = before;
    }
    this.hotplugs++;
  }

  private loadDuring(victim: number): void {
    const { machine } = this;
    const { cpus } = machine.smp;
    const from = this.anyOnline();
    if (from === victim || cpus.irqsDisabledOn(from)) return;
    const op = HARMLESS[this.random.below(HARMLESS.length)]!;
    cpus.runOn(from, () => {
      machine.ipi.sendMask(CpuMask.of(cpus.nrCpuIds, victim), op);
      machine.ipi.sendMask(cpus.online, op);
    });
  }

  private anyOnline(): number {
    const { online } = this.machine.smp.cpus;
    let skip = this.random.below(online.weight());
    let cpu = online.first();
    while (skip-- > 0) cpu = online.next(cpu);
    return cpu;
  }
}
