import { irqToDesc } from '@irqchip/genirq-core';
import { LocalMemory, type CpusHooks, type SharedWords } from '@irqchip/smp';
import fc from 'fast-check';
import { Bench, CONTRACTS, trap, type ContractName } from './bench.ts';

const CPUS = 4;
const VIPIS = 64;

type Action =
  | { readonly what: 'send'; readonly from: number; readonly hwirq: number; readonly cpus: readonly number[] }
  | { readonly what: 'mask' | 'unmask'; readonly cpu: number; readonly hwirq: number }
  | { readonly what: 'take'; readonly cpu: number };

const anyCpu = fc.nat(CPUS - 1);
/** A few numbers that often meet, among them the edges of both words; now and then any other. */
const anyHwirq = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1, 8, 31, 32, 40, 63) }, { weight: 1, arbitrary: fc.nat(VIPIS - 1) });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('send' as const), from: anyCpu, hwirq: anyHwirq, cpus: fc.uniqueArray(anyCpu) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('mask' as const, 'unmask' as const), cpu: anyCpu, hwirq: anyHwirq }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('take' as const), cpu: anyCpu }) },
);

/** What a handler of `hwirq` on `cpu` sends, if anything: some send onwards, to themselves and to a neighbour. */
function onward(hwirq: number, cpu: number): { hwirq: number; cpus: number[] } | null {
  return hwirq % 8 === 0 ? { hwirq: (hwirq + 33) % VIPIS, cpus: [cpu, (cpu + 1) % CPUS].sort() } : null;
}

/** The mux as sets: what it should do, in words of the reference paper and with no bit arithmetic. */
class Model {
  readonly pending = Array.from({ length: CPUS }, () => new Set<number>());
  readonly enabled = Array.from({ length: CPUS }, () => new Set<number>());
  readonly level = new Array<boolean>(CPUS).fill(false);
  rung: number[] = [];
  ran: string[] = [];

  send(hwirq: number, cpus: readonly number[]): void {
    for (const cpu of [...cpus].sort()) {
      const merged = this.pending[cpu]!.has(hwirq);
      this.pending[cpu]!.add(hwirq);
      if (!merged && this.enabled[cpu]!.has(hwirq)) this.ring(cpu);
    }
  }

  mask(cpu: number, hwirq: number): void { this.enabled[cpu]!.delete(hwirq); }

  unmask(cpu: number, hwirq: number): void {
    this.enabled[cpu]!.add(hwirq);
    if (this.pending[cpu]!.has(hwirq)) this.ring(cpu);
  }

  take(cpu: number): void {
    if (!this.level[cpu]) return;
    this.level[cpu] = false;
    const taken = [...this.pending[cpu]!].filter((hwirq) => this.enabled[cpu]!.has(hwirq)).sort((a, b) => a - b);
    for (const hwirq of taken) this.pending[cpu]!.delete(hwirq);
    for (const hwirq of taken) {
      this.ran.push(`${hwirq}@CPU${cpu}`);
      const next = onward(hwirq, cpu);
      if (next) this.send(next.hwirq, next.cpus);
    }
  }

  private ring(cpu: number): void {
    this.rung.push(cpu);
    this.level[cpu] = true;
  }
}

function start(contract: ContractName): Bench {
  const bench = new Bench({ nrCpus: CPUS });
  bench.create(contract, VIPIS);
  for (let hwirq = 0; hwirq < VIPIS; hwirq++) {
    bench.request(hwirq, () => {
      const next = onward(hwirq, bench.smp.cpus.current);
      if (next) bench.send(next.hwirq, next.cpus, bench.smp.cpus.current);
    });
  }
  return bench;
}

function perform(bench: Bench, model: Model, action: Action): void {
  if (action.what === 'send') {
    bench.send(action.hwirq, action.cpus, action.from);
    model.send(action.hwirq, action.cpus);
  } else if (action.what === 'take') {
    bench.take(action.cpu);
    model.take(action.cpu);
  } else {
    bench[action.what === 'mask' ? 'disable' : 'enable'](action.cpu, action.hwirq);
    model[action.what](action.cpu, action.hwirq);
  }
}

function compare(bench: Bench, model: Model): void {
  expect(bench.taken()).toEqual({ rung: model.rung, ran: model.ran });
  model.rung = [];
  model.ran = [];
  for (let cpu = 0; cpu < CPUS; cpu++) {
    expect(bench.pending(cpu)).toEqual([...model.pending[cpu]!].sort((a, b) => a - b));
    expect(bench.enabled(cpu)).toEqual([...model.enabled[cpu]!].sort((a, b) => a - b));
    expect(bench.level[cpu] === 1).toBe(model.level[cpu]);
  }
}

test.each(CONTRACTS)('%s contract: sends, masks and interrupts in any order do what sets would do', (contract) => {
  fc.assert(fc.property(fc.array(anyAction, { maxLength: 60 }), (actions) => {
    const bench = start(contract);
    const model = new Model();
    for (const action of actions) {
      perform(bench, model, action);
      expect({ rung: bench.rung, ran: bench.ran }).toEqual({ rung: model.rung, ran: model.ran });
    }
    compare(bench, model);
    // Everything unmasked: nothing stays behind.
    for (let cpu = 0; cpu < CPUS; cpu++) for (let hwirq = 0; hwirq < VIPIS; hwirq++) perform(bench, model, { what: 'unmask', cpu, hwirq });
    for (let turn = 0; turn < 4; turn++) for (let cpu = 0; cpu < CPUS; cpu++) perform(bench, model, { what: 'take', cpu });
    compare(bench, model);
    expect(model.pending.every((set) => set.size === 0)).toBe(true);
    expect(bench.smp.diagnostics.open).toEqual([]);
  }), { seed: 20220324, numRuns: 120 });
});

/** Memory at whose every access something else may happen first, and afterwards. */
class UnquietMemory extends LocalMemory {
  happens: () => void = () => undefined;

  override words(name: string, length: number): SharedWords {
    return new Proxy(super.words(name, length), {
      get: (words, property) => {
        const value = Reflect.get(words, property) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          this.happens();
          const result = (value as (...given: unknown[]) => unknown).apply(words, args);
          this.happens();
          return result;
        };
      },
    });
  }
}

/**
 * Interrupts between any two accesses, and other CPUs' sends and masks too, nested on one stack. What a sender wrote before its
 * send is a number that its vIPI's handler must have read in the end.
 */
class Unquiet implements CpusHooks {
  readonly memory = new UnquietMemory();
  readonly bench: Bench;
  readonly written = Array.from({ length: CPUS }, () => new Int32Array(VIPIS));
  readonly read = Array.from({ length: CPUS }, () => new Int32Array(VIPIS));
  /** Handler runs and sends, by CPU and vIPI. */
  readonly runs = Array.from({ length: CPUS }, () => new Int32Array(VIPIS));
  readonly sends = Array.from({ length: CPUS }, () => new Int32Array(VIPIS));
  private readonly busy = new Array<boolean>(CPUS).fill(false);
  private state: number;
  private budget = 0;
  private depth = 0;

  constructor(contract: ContractName, seed: number) {
    this.state = seed;
    this.bench = new Bench({ nrCpus: CPUS, memory: this.memory });
    this.bench.create(contract, VIPIS);
    for (let hwirq = 0; hwirq < VIPIS; hwirq++) this.bench.request(hwirq, () => this.handled(hwirq));
    for (let cpu = 0; cpu < CPUS; cpu++) for (let hwirq = 0; hwirq < VIPIS; hwirq++) this.bench.enable(cpu, hwirq);
    this.bench.smp.cpus.attach(this);
    this.memory.happens = () => this.disturb();
  }

  deliver(): void {
    const { cpus } = this.bench.smp;
    while (!cpus.irqsDisabled() && this.bench.level[cpus.current]) {
      cpus.localIrqDisable();
      this.bench.take(cpus.current);
      cpus.trapReturn();
    }
  }

  relax(): boolean { return false; }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.budget = 12;
      this.act(this.below(CPUS));
    }
    this.budget = 0;
    for (let cpu = 0; cpu < CPUS; cpu++) for (let hwirq = 0; hwirq < VIPIS; hwirq++) this.switch(cpu, hwirq, true);
    for (let turn = 0; turn < 8; turn++) for (let cpu = 0; cpu < CPUS; cpu++) this.bench.smp.cpus.runOn(cpu, () => this.deliver());
  }

  private handled(hwirq: number): void {
    const cpu = this.bench.smp.cpus.current;
    this.runs[cpu]![hwirq]!++;
    this.read[cpu]![hwirq] = this.written[cpu]![hwirq]!;
    if (this.budget > 0 && this.below(3) === 0) this.send(cpu);
  }

  private disturb(): void {
    if (this.budget <= 0 || this.depth > 6 || this.below(3) !== 0) return;
    this.budget--;
    this.depth++;
    const { cpus } = this.bench.smp;
    const cpu = this.below(CPUS);
    if (cpu === cpus.current || this.busy[cpu]) cpus.runOn(cpu, () => cpus.boundary());
    else this.act(cpu);
    this.depth--;
  }

  private act(cpu: number): void {
    this.busy[cpu] = true;
    if (this.below(4) === 0) this.switch(cpu, this.pick(), this.below(2) === 0);
    else this.bench.smp.cpus.runOn(cpu, () => this.send(cpu));
    this.bench.smp.cpus.runOn(cpu, () => this.bench.smp.cpus.boundary());
    this.busy[cpu] = false;
  }

  private send(from: number): void {
    const hwirq = this.pick();
    const targets = [0, 1, 2, 3].filter(() => this.below(2) === 0);
    for (const cpu of targets) {
      this.written[cpu]![hwirq]!++;
      this.sends[cpu]![hwirq]!++;
    }
    this.bench.send(hwirq, targets, from);
  }

  /** The chip's own callbacks: the descriptor's lock would have to wait for a CPU further down the stack. */
  private switch(cpu: number, hwirq: number, on: boolean): void {
    const { cpus } = this.bench.smp;
    const { irqData } = irqToDesc(this.bench.genirq, this.bench.mux.virq + hwirq)!;
    cpus.runOn(cpu, () => {
      const flags = cpus.localIrqSave();
      if (on) irqData.chip.irqUnmask!(irqData);
      else irqData.chip.irqMask!(irqData);
      cpus.localIrqRestore(flags);
    });
  }

  private pick(): number { return [0, 31, 32, 63][this.below(4)]!; }

  private below(bound: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
    return (this.state >>> 8) % bound;
  }
}

describe.each(CONTRACTS)('%s contract, interrupted between any two accesses', (contract) => {
  test('nothing is lost, nothing runs without a send, and nothing is stale', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const world = new Unquiet(contract, seed);
      world.run(40);
      expect(world.read).toEqual(world.written);
      for (let cpu = 0; cpu < CPUS; cpu++) {
        expect(world.bench.pending(cpu)).toEqual([]);
        for (let hwirq = 0; hwirq < VIPIS; hwirq++) expect(world.runs[cpu]![hwirq]).toBeLessThanOrEqual(world.sends[cpu]![hwirq]!);
      }
      expect(world.bench.smp.diagnostics.open).toEqual([]);
    }
  });

  test('an interrupt in the middle of a send, whose handler sends too, does not disturb the send', () => {
    const memory = new UnquietMemory();
    const bench = new Bench({ nrCpus: CPUS, memory });
    bench.create(contract, VIPIS);
    bench.request(1, () => bench.send(5, [3], 0));
    bench.enable(0, 1);
    for (const cpu of [1, 2]) bench.enable(cpu, 4);
    bench.enable(3, 5);
    bench.send(1, [0], 2);
    bench.taken();
    const { cpus } = bench.smp;
    let accesses = 0;
    // The third access belongs to the second CPU of the mask.
    memory.happens = () => { if (++accesses === 3 && !cpus.irqsDisabled()) trap(bench.smp, 0, () => bench.take(0)); };
    cpus.attach({ deliver: () => { if (bench.level[cpus.current]) bench.take(cpus.current); }, relax: () => false });
    bench.send(4, [1, 2], 0);
    expect([...bench.rung].sort()).toEqual([1, 2, 3]);
    expect([bench.level[1], bench.level[2], bench.level[3]]).toEqual([1, 1, 1]);
  });
});
