import type { Memory, SharedWords } from '@irqchip/smp';
import { applied, Pause, type Op, type Order } from './ops.ts';

/** Who runs: the target's task, a sender, or the target's parent interrupt. */
export type Actor = 'target' | 'sender' | 'handler';

/**
 * What this memory does to the code that runs on it: the mutations of the algorithm, made from below. Each is an order or an
 * operation that some source could have had by mistake.
 */
export interface Mutant {
  /** smp_mb__after_atomic is nothing when these run. */
  readonly dropMb?: Actor;
  /** smp_mb__before_atomic is nothing. */
  readonly dropMbBefore?: boolean;
  /** mb() is nothing. */
  readonly dropIoMb?: boolean;
  /** The send's fetch-or has no release. */
  readonly relaxedSend?: boolean;
  /** The taking of the bits is not ordered. */
  readonly relaxedTake?: boolean;
  /** The taking clears masked bits too. */
  readonly takeAll?: boolean;
  /** A send is told that its bit was clear. */
  readonly noElision?: boolean;
  /** A doorbell rung by the target's task is dropped. */
  readonly noReRaise?: boolean;
  /** A send reads `enable` before it sets its bit. */
  readonly enableFirst?: boolean;
  /** An unmask reads `bits` before it sets its bit in `enable`. */
  readonly bitsFirst?: boolean;
  /** A send rings before it sets its bit. */
  readonly ringFirst?: boolean;
  /** When the parent is cleared; default: before the bits are taken. */
  readonly clear?: 'afterTake' | 'never';
}

type Kind = 'enable' | 'bits' | 'payload';
interface Loc { readonly kind: Kind; readonly index: number; readonly initial: number }

/**
 * Memory that runs a program again and again from its start: every access is answered from a list of results, and the first
 * one beyond the list ends the run. Until {@link open} it is plain memory.
 */
export class ReplayMemory implements Memory {
  readonly locs: Loc[] = [];
  actor: Actor = 'target';
  /** Whether the running CPU takes interrupts now. */
  irqsOn: () => boolean = () => true;
  /** Whether the latest taking found anything. */
  took = false;
  private readonly all: ReplayWords[] = [];
  private opened = false;
  private results: readonly number[] = [];
  private used = 0;

  constructor(readonly mutant: Mutant) {}

  words(name: string, length: number): SharedWords {
    const words = new ReplayWords(this, name, length);
    this.all.push(words);
    return words;
  }

  /** From now on only these words may be touched, and every access is a step. */
  open(kinds: readonly (readonly [name: string, kind: Kind, count: number])[]): void {
    for (const [name, kind, count] of kinds) {
      const words = this.all.find((candidate) => candidate.name === name);
      if (!words) throw new Error(`nobody made words called ${name}`);
      for (let index = 0; index < count; index++) {
        words.locs.push(this.locs.length);
        this.locs.push({ kind, index, initial: words.plain[index]! });
      }
    }
    this.opened = true;
  }

  /** Starts a run. */
  start(actor: Actor, results: readonly number[]): void {
    this.actor = actor;
    this.results = results;
    this.used = 0;
    this.took = false;
    for (const words of this.all) words.restart();
  }

  perform(op: Op): number {
    if (this.used === this.results.length) throw new Pause(op, this.irqsOn());
    return this.results[this.used++]!;
  }

  /** A step of something that is not memory; nothing before {@link open}. */
  step(op: Op): void { if (this.opened) this.perform(op); }

  /** A word's step. */
  access(words: ReplayWords, index: number, make: (loc: number) => Op, plain: () => number): number {
    if (!this.opened) return plain();
    const loc = words.locs[index];
    if (loc === undefined) throw new Error(`${words.name}[${index}] is not part of the exploration`);
    return this.perform(make(loc));
  }

  /** The mux's other array. */
  other(words: ReplayWords, kind: 'enable' | 'bits'): ReplayWords {
    return this.opened ? this.all.find(({ name }) => name === `ipi-mux ${kind}`)! : words;
  }

  /** Lets a doorbell that came too early be followed by its bit. */
  flush(): void { for (const words of this.all) words.flush(); }

  smpMb(): void { this.step({ kind: 'fence', io: false }); }
  smpRmb(): void { this.smpMb(); }
  smpWmb(): void { this.smpMb(); }
  smpMbBeforeAtomic(): void { if (!this.mutant.dropMbBefore) this.smpMb(); }
  smpMbAfterAtomic(): void { if (this.mutant.dropMb !== this.actor) this.smpMb(); }
  mb(): void { if (!this.mutant.dropIoMb) this.step({ kind: 'fence', io: true }); }
  rmb(): void { this.mb(); }
  wmb(): void { this.mb(); }
}

class ReplayWords implements SharedWords {
  readonly plain: Int32Array;
  readonly locs: number[] = [];
  private deferred: (() => void) | null = null;
  /** What a mutant read too early. */
  private early: number | null = null;

  constructor(private readonly memory: ReplayMemory, readonly name: string, readonly length: number) {
    this.plain = new Int32Array(length);
  }

  restart(): void { this.deferred = this.early = null; }

  flush(): void {
    const { deferred } = this;
    this.deferred = null;
    deferred?.();
  }

  private read(index: number, order: Order): number {
    if (this.early !== null) {
      const value = this.early;
      this.early = null;
      return value;
    }
    return this.memory.access(this, index, (loc) => ({ kind: 'read', loc, order }), () => this.plain[index]!);
  }

  private write(index: number, value: number, order: Order): void {
    this.memory.access(this, index, (loc) => ({ kind: 'write', loc, value, order }), () => (this.plain[index] = value));
  }

  private rmw(fn: 'or' | 'andNot' | 'xchg', index: number, arg: number, order: Order): number {
    return this.memory.access(this, index, (loc) => ({ kind: 'rmw', fn, loc, arg, order }), () => {
      const old = this.plain[index]!;
      this.plain[index] = applied(fn, old, arg);
      return old;
    });
  }

  /** The setting of bits: in a send, of a pending bit; in an unmask, of an enable bit. */
  private set(index: number, bits: number, order: Order): number {
    const { mutant, actor } = this.memory;
    if (actor === 'sender' && mutant.ringFirst) {
      this.deferred = () => void this.rmw('or', index, bits, order);
      return this.read(index, 'relaxed');
    }
    if (actor === 'sender' && mutant.enableFirst) this.memory.other(this, 'enable').peek(index);
    if (actor === 'target' && mutant.bitsFirst) this.memory.other(this, 'bits').peek(index);
    const old = this.rmw('or', index, bits, mutant.relaxedSend ? 'relaxed' : order);
    return actor === 'sender' && mutant.noElision ? old & ~bits : old;
  }

  /** Reads now what the code asks for later. */
  peek(index: number): void { if (this.locs.length > 0) this.early = this.read(index, 'relaxed'); }

  /** The clearing of bits: by the parent interrupt a taking. */
  private clear(fn: 'andNot' | 'xchg', index: number, arg: number, order: Order): number {
    const { mutant, actor } = this.memory;
    if (actor !== 'handler') return this.rmw(fn, index, arg, order);
    const weak = mutant.relaxedTake ? 'relaxed' : order;
    const old = mutant.takeAll ? this.rmw('xchg', index, 0, weak) : this.rmw(fn, index, arg, weak);
    if ((fn === 'xchg' ? old : old & arg) !== 0) this.memory.took = true;
    if (mutant.clear === 'afterTake' && index === 0) this.memory.step({ kind: 'clear' });
    return old;
  }

  readOnce(index: number): number { return this.read(index, 'relaxed'); }
  writeOnce(index: number, value: number): void { this.write(index, value, 'relaxed'); }
  loadAcquire(index: number): number { return this.read(index, 'acquire'); }
  storeRelease(index: number, value: number): void { this.write(index, value, 'release'); }
  fetchOr(index: number, bits: number): number { return this.set(index, bits, 'full'); }
  fetchOrRelaxed(index: number, bits: number): number { return this.set(index, bits, 'relaxed'); }
  fetchOrAcquire(index: number, bits: number): number { return this.set(index, bits, 'acquire'); }
  fetchOrRelease(index: number, bits: number): number { return this.set(index, bits, 'release'); }
  or(index: number, bits: number): void { this.set(index, bits, 'relaxed'); }
  fetchAndNot(index: number, bits: number): number { return this.clear('andNot', index, bits, 'full'); }
  fetchAndNotRelaxed(index: number, bits: number): number { return this.clear('andNot', index, bits, 'relaxed'); }
  fetchAndNotAcquire(index: number, bits: number): number { return this.clear('andNot', index, bits, 'acquire'); }
  fetchAndNotRelease(index: number, bits: number): number { return this.clear('andNot', index, bits, 'release'); }
  andNot(index: number, bits: number): void { this.clear('andNot', index, bits, 'relaxed'); }
  xchg(index: number, value: number): number { return this.clear('xchg', index, value, 'full'); }
  xchgRelaxed(index: number, value: number): number { return this.clear('xchg', index, value, 'relaxed'); }
  xchgAcquire(index: number, value: number): number { return this.clear('xchg', index, value, 'acquire'); }
  xchgRelease(index: number, value: number): number { return this.clear('xchg', index, value, 'release'); }
  fetchAdd(): number { throw new Error('not modelled'); }
  fetchAddRelaxed(): number { throw new Error('not modelled'); }
  cmpxchg(): number { throw new Error('not modelled'); }
}
