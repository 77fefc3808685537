import { applied, type Op } from './ops.ts';
import { at, join, MOST, seen, State } from './state.ts';
import { Subject, type Scene, type Variant } from './subject.ts';

/** What can break; the numbers are those of the reference's list. */
export type Property = 'M1' | 'M3' | 'M4' | 'M5' | 'M6' | 'M7' | 'M9' | 'M10';

/** How the doorbell behaves. */
export interface Device {
  /** A clear takes effect some time after it was issued; an I/O barrier waits for it. */
  readonly posted?: boolean;
  /** A doorbell takes effect some time after it was rung. */
  readonly delayed?: boolean;
  /** Whoever takes the interrupt sees what its ringer had seen. */
  readonly ordering?: boolean;
}

export interface Result {
  readonly broken: ReadonlySet<Property>;
  readonly states: number;
  /** How often the real code was run. */
  readonly runs: number;
  /** Steps that led to the first state in which each property was found broken. */
  readonly traces: ReadonlyMap<Property, string>;
}

/** How a state was reached. */
interface Step { readonly before: Step | null; readonly cpu: number; readonly op: Op | string; readonly result: number }

type Push = (state: State, cpu: number, op: Op | string, result: number) => void;

interface Node { readonly program: number; readonly results: readonly number[]; readonly op: Op | null; readonly irqsOn: boolean; readonly next: Map<number, number> }

/**
 * Every order of the real code's steps that the memory model allows: words have histories, a plain read may return any write
 * that its CPU has not seen overwritten, views travel with release, acquire and fences. Writes are never early.
 */
class Search {
  readonly broken = new Set<Property>();
  readonly traces = new Map<Property, string>();
  private readonly nodes: Node[] = [];
  private readonly roots: number[];
  private readonly subject: Subject;
  private readonly sends: number;
  private reached: Step | null = null;
  states = 0;

  constructor(private readonly scene: Scene, private readonly variant: Variant, private readonly device: Device) {
    this.subject = new Subject(scene, variant);
    this.sends = scene.sends.length;
    if (this.subject.memory.locs.length > 6) throw new Error('too many words for a view');
    this.roots = this.subject.programs.map((_, program) => this.node(program, []));
  }

  get runs(): number { return this.nodes.length; }

  run(enough: (broken: ReadonlySet<Property>) => boolean): void {
    const visited = new Set<string>();
    const stack: { state: State; step: Step }[] = [];
    const push: Push = (state, cpu, op, result) => {
      const key = state.key();
      if (visited.has(key)) return;
      visited.add(key);
      stack.push({ state, step: { before: this.reached, cpu, op, result } });
    };
    const start = this.start();
    start.nodes = start.nodes.map((id, cpu) => this.settle(start, cpu, id));
    push(start, 0, 'start', 0);
    while (stack.length > 0 && !enough(this.broken)) {
      const { state, step } = stack.pop()!;
      this.reached = step;
      this.states++;
      if (!this.successors(state, push)) this.finished(state);
    }
  }

  private start(): State {
    const state = new State();
    const { memory, scene } = this.subject;
    state.nodes = this.roots.slice(0, -1);
    state.cur = state.nodes.map(() => 0);
    state.acq = state.cur.slice();
    state.rel = state.cur.slice();
    state.history = memory.locs.map(({ initial }) => [initial, 0]);
    state.waiting = scene.vipis.map(() => 0);
    state.taken = scene.vipis.map(() => 0);
    scene.vipis.forEach((_, vipi) => { if (!scene.enabled.includes(vipi)) state.masked |= 1 << vipi; });
    return state;
  }

  private node(program: number, results: readonly number[]): number {
    if (results.length > 200) throw new Error('a program never ends');
    const { op, irqsOn } = this.subject.run(program, results);
    return this.nodes.push({ program, results, op, irqsOn, next: new Map() }) - 1;
  }

  private after(id: number, result: number): number {
    const node = this.nodes[id]!;
    let next = node.next.get(result);
    if (next === undefined) node.next.set(result, (next = this.node(node.program, [...node.results, result])));
    return next;
  }

  /** Pushes what can happen next; false when nothing can. */
  private successors(state: State, push: Push): boolean {
    let any = false;
    for (let cpu = 0; cpu < state.nodes.length; cpu++) {
      const id = cpu === 0 && state.irq >= 0 ? state.irq : state.nodes[cpu]!;
      const node = this.nodes[id]!;
      if (cpu === 0 && state.irq < 0 && state.level && node.irqsOn && this.mayEnter(state)) {
        push(this.enter(state), 0, 'takes the parent interrupt', 0);
        any = true;
      }
      if (!node.op) continue;
      any = true;
      this.execute(state, cpu, id, node.op, push);
    }
    return this.deviceSteps(state, push) || any;
  }

  private mayEnter(state: State): boolean {
    if (state.fresh) return true;
    // The level is an old one: with clears under way it may be, but not for ever.
    if (this.device.posted) return state.posted === 1;
    this.found('M7');
    return false;
  }

  private enter(state: State): State {
    const next = state.clone();
    next.fresh = 0;
    next.pass = 0;
    next.cur[0] = join(next.cur[0]!, state.levelView);
    next.acq[0] = join(next.acq[0]!, state.levelView);
    next.irq = this.settle(next, 0, this.roots.at(-1)!);
    return next;
  }

  private deviceSteps(state: State, push: Push): boolean {
    if (state.flight.length > 0) {
      const next = state.clone();
      this.arrive(next, next.flight.shift()!);
      push(next, 0, 'has a doorbell arrive', 0);
    }
    if (state.posted > 0) {
      const next = state.clone();
      next.posted--;
      next.level = next.levelView = 0;
      push(next, 0, 'has a clear arrive', 0);
    }
    return state.flight.length + state.posted > 0;
  }

  private arrive(state: State, view: number): void {
    state.level = 1;
    state.fresh = 1;
    state.levelView = join(state.levelView, view);
  }

  private execute(state: State, cpu: number, id: number, op: Op, push: Push): void {
    const go = (next: State, result: number): void => {
      const reached = this.settle(next, cpu, this.after(id, result));
      if (cpu !== 0 || state.irq < 0) next.nodes[cpu] = reached;
      else next.irq = reached;
      push(next, cpu, op, result);
    };
    if (op.kind === 'read') return this.read(state, cpu, op, go);
    const next = state.clone();
    if (op.kind === 'rmw') return go(next, this.rmw(next, cpu, op));
    if (op.kind === 'write') this.append(next, cpu, op.loc, op.value, op.order === 'release' ? next.cur[cpu]! : next.rel[cpu]!);
    else if (op.kind === 'fence') this.fence(next, cpu, op.io);
    else if (op.kind === 'ring') this.ring(next, cpu);
    else if (op.kind === 'clear') this.clear(next);
    go(next, 0);
  }

  private read(state: State, cpu: number, op: Extract<Op, { kind: 'read' }>, go: (next: State, result: number) => void): void {
    const history = state.history[op.loc]!;
    for (let time = seen(state.cur[cpu]!, op.loc); time < history.length / 2; time++) {
      const next = state.clone();
      this.learn(next, cpu, op.loc, time, op.order === 'acquire');
      go(next, history[time * 2]!);
    }
  }

  private learn(state: State, cpu: number, loc: number, time: number, acquire: boolean): void {
    const carried = state.history[loc]![time * 2 + 1]!;
    const read = at(state.cur[cpu]!, loc, time);
    state.cur[cpu] = acquire ? join(read, carried) : read;
    state.acq[cpu] = join(state.acq[cpu]!, join(read, carried));
  }

  private append(state: State, cpu: number, loc: number, value: number, carried: number): void {
    const time = state.history[loc]!.length / 2;
    if (time > MOST) throw new Error('a history is too long for a view');
    state.history[loc] = [...state.history[loc]!, value, at(carried, loc, time)];
    state.cur[cpu] = at(state.cur[cpu]!, loc, time);
    state.acq[cpu] = at(state.acq[cpu]!, loc, time);
  }

  private rmw(state: State, cpu: number, op: Extract<Op, { kind: 'rmw' }>): number {
    const { loc, fn, arg, order } = op;
    const full = order === 'full';
    if (full) this.fence(state, cpu, false);
    const history = state.history[loc]!;
    const time = history.length / 2 - 1;
    const old = history[time * 2]!;
    const inherited = history[time * 2 + 1]!;
    this.learn(state, cpu, loc, time, full || order === 'acquire');
    this.audit(state, cpu, loc, old, applied(fn, old, arg));
    const own = full || order === 'release' ? state.cur[cpu]! : state.rel[cpu]!;
    this.append(state, cpu, loc, applied(fn, old, arg), join(own, inherited));
    if (full) this.fence(state, cpu, false);
    return old;
  }

  private fence(state: State, cpu: number, io: boolean): void {
    state.sc = state.cur[cpu] = state.acq[cpu] = state.rel[cpu] = join(state.acq[cpu]!, state.sc);
    if (io && state.posted > 0) state.posted = state.level = state.levelView = 0;
  }

  private ring(state: State, cpu: number): void {
    const view = this.device.ordering ? state.cur[cpu]! : 0;
    if (this.device.delayed) state.flight.push(view);
    else this.arrive(state, view);
  }

  private clear(state: State): void {
    if (this.device.posted) state.posted++;
    else state.level = state.levelView = 0;
  }

  /** The checker's own account of pending bits. */
  private audit(state: State, cpu: number, loc: number, old: number, now: number): void {
    const { kind, index } = this.subject.memory.locs[loc]!;
    if (cpu !== 0) {
      const vipi = this.scene.sends[cpu - 1]!;
      const hwirq = this.scene.vipis[vipi]!;
      if (kind !== 'bits' || index !== hwirq >>> 5 || (old | (1 << (hwirq & 31))) !== now) return this.found('M10');
      state.waiting[vipi]! |= 1 << (cpu - 1);
      if (state.masked & (1 << vipi)) state.early |= 1 << (cpu - 1);
    } else if (kind === 'bits') {
      this.scene.vipis.forEach((hwirq, vipi) => {
        const bit = 1 << (hwirq & 31);
        if (index !== hwirq >>> 5 || (old & bit) === 0 || (now & bit) !== 0) return;
        if (state.masked & (1 << vipi)) this.found('M4');
        state.taken[vipi]! |= state.waiting[vipi]!;
        state.waiting[vipi] = 0;
      });
    }
  }

  /** Does what nobody else can see, up to the next step. Returns the node, or -1 at the end of a parent interrupt. */
  private settle(state: State, cpu: number, id: number): number {
    let at = id;
    for (let { op } = this.nodes[at]!; op?.kind === 'note'; { op } = this.nodes[at]!) {
      this.note(state, cpu, op.what, op.vipi);
      at = this.after(at, 0);
    }
    const { program, op } = this.nodes[at]!;
    return op === null && program === this.subject.programs.length - 1 ? -1 : at;
  }

  private note(state: State, cpu: number, what: 'handler' | 'masked' | 'unmasked', vipi: number): void {
    const bit = 1 << vipi;
    if (what === 'masked') state.masked |= bit;
    else if (what === 'unmasked') state.masked &= ~bit;
    else {
      if (state.masked & bit) this.found('M4');
      if (state.taken[vipi] === 0) this.found('M3');
      if (state.pass & bit && this.variant.contract !== 'v5' && !this.variant.loop) this.found('M9');
      state.pass |= bit;
      for (let send = 0; send < this.sends; send++) {
        if (state.taken[vipi]! & (1 << send) && seen(state.cur[cpu]!, this.payloadLoc(send)) === 0) this.found('M6');
      }
      state.taken[vipi] = 0;
    }
  }

  private payloadLoc(send: number): number { return this.subject.memory.locs.length - this.sends + send; }

  /** Nothing can happen any more: whatever was sent and may be handled was handled. */
  private finished(state: State): void {
    this.scene.vipis.forEach((_, vipi) => {
      const lost = state.waiting[vipi]! | state.taken[vipi]!;
      if (lost === 0 || state.masked & (1 << vipi)) return;
      if (lost & state.early) this.found('M5');
      if (lost & ~state.early) this.found('M1');
    });
  }

  private found(property: Property): void {
    this.broken.add(property);
    if (!this.traces.has(property)) this.traces.set(property, told(this.reached));
  }
}

function told(last: Step | null): string {
  const lines: string[] = [];
  for (let step = last; step; step = step.before) {
    const { cpu, op, result } = step;
    lines.unshift(`CPU${cpu} ${typeof op === 'string' ? op : `${Object.values(op).join(' ')} = ${result}`}`);
  }
  return lines.join('\n');
}

/** Explores until everything was seen, or `enough` says so. */
export function explore(scene: Scene, variant: Variant, device: Device = {}, enough: (broken: ReadonlySet<Property>) => boolean = () => false): Result {
  const search = new Search(scene, variant, device);
  search.run(enough);
  return { broken: search.broken, states: search.states, runs: search.runs, traces: search.traces };
}
