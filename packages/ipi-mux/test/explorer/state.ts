/** A view is, for each of at most six words, how much of its history is known: five bits each. */
const BITS = 5;
/** The longest history that a view can tell. */
export const MOST = 31;

/** How much a view knows of a word. */
export function seen(view: number, loc: number): number { return (view >>> (loc * BITS)) & MOST; }

/** The view of one who has both. */
export function join(a: number, b: number): number {
  if (a === b || b === 0) return a;
  if (a === 0) return b;
  let both = 0;
  for (let shift = 0; shift < 30; shift += BITS) both |= Math.max((a >>> shift) & MOST, (b >>> shift) & MOST) << shift;
  return both;
}

/** A view that knows at least so much of a word. */
export function at(view: number, loc: number, time: number): number { return join(view, time << (loc * BITS)); }

/** Everything that can differ between two moments of an exploration. Programs' own state is the node they have reached. */
export class State {
  nodes: number[] = [];
  /** Node of the running parent interrupt, -1 without one. */
  irq = -1;
  /** Per CPU: what it knows; what it would know after a fence; what its relaxed writes carry. */
  cur: number[] = [];
  acq: number[] = [];
  rel: number[] = [];
  sc = 0;
  /** Per word: value and carried view of each write, in order. */
  history: number[][] = [];
  level = 0;
  levelView = 0;
  flight: number[] = [];
  posted = 0;
  /** A doorbell arrived since the last parent interrupt began. */
  fresh = 0;
  /** vIPIs that the target's task believes masked. */
  masked = 0;
  /** Per vIPI, sends as bits: set and not taken; taken and not handled. */
  waiting: number[] = [];
  taken: number[] = [];
  /** Sends whose bit was set while their vIPI was masked. */
  early = 0;
  /** vIPIs handled in this parent interrupt. */
  pass = 0;

  clone(): State {
    const copy = new State();
    copy.nodes = this.nodes.slice();
    copy.irq = this.irq;
    copy.cur = this.cur.slice();
    copy.acq = this.acq.slice();
    copy.rel = this.rel.slice();
    copy.sc = this.sc;
    copy.history = this.history.slice();
    copy.level = this.level;
    copy.levelView = this.levelView;
    copy.flight = this.flight.slice();
    copy.posted = this.posted;
    copy.fresh = this.fresh;
    copy.masked = this.masked;
    copy.waiting = this.waiting.slice();
    copy.taken = this.taken.slice();
    copy.early = this.early;
    copy.pass = this.pass;
    return copy;
  }

  key(): string {
    let key = `${this.irq},${this.sc},${this.levelView},${this.masked},${this.early},${this.pass},${this.level | (this.fresh << 1) | (this.posted << 2)}`;
    for (let cpu = 0; cpu < this.nodes.length; cpu++) key += `|${this.nodes[cpu]},${this.cur[cpu]},${this.acq[cpu]},${this.rel[cpu]}`;
    for (let vipi = 0; vipi < this.waiting.length; vipi++) key += `|${this.waiting[vipi]},${this.taken[vipi]}`;
    for (let loc = 0; loc < this.history.length; loc++) key += `/${this.history[loc]!.join()}`;
    return this.flight.length === 0 ? key : `${key}+${this.flight.join()}`;
  }
}
