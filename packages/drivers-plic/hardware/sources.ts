import type { PlicOptions } from './options.ts';

/** Whether `bit` of a bitmap is set. */
function has(words: Int32Array, bit: number): boolean {
  return (words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
}

function put(words: Int32Array, bit: number, on: boolean): void {
  if (on) words[bit >>> 5]! |= 1 << (bit & 31);
  else words[bit >>> 5]! &= ~(1 << (bit & 31));
}

/**
 * Every source with its gateway: the wire, the request that the core has latched, and the claim that awaits its completion
 * are three things. One request a source is outstanding at most, pending or claimed.
 * Source: riscv-plic-spec, "Interrupt Gateways".
 */
export class Sources {
  /** 1 … nr exist. */
  readonly nr: number;
  readonly priority: Uint32Array;
  /** IP bits. */
  readonly pending: Int32Array;
  /** Claimed and not completed. */
  readonly claimed: Int32Array;
  private readonly wires: Int32Array;
  private readonly edge: Int32Array;
  /** Edges that wait for the request before them. */
  private readonly waiting: Uint32Array;

  constructor(nr: number, private readonly options: PlicOptions) {
    const words = (nr + 32) >>> 5;
    this.nr = nr;
    this.priority = new Uint32Array(nr + 2);
    this.pending = new Int32Array(words);
    this.claimed = new Int32Array(words);
    this.wires = new Int32Array(words);
    this.edge = new Int32Array(words);
    this.waiting = new Uint32Array(nr + 1);
    for (const source of options.edgeSources ?? []) if (source >= 1 && source <= nr) put(this.edge, source, true);
  }

  /** Words of a bitmap over sources 0 … nr. */
  get words(): number { return this.pending.length; }

  isPending(source: number): boolean { return has(this.pending, source); }

  /** The wire of a source. Returns whether a bit became pending. */
  drive(source: number, high: boolean): boolean {
    const rises = high && !has(this.wires, source);
    put(this.wires, source, high);
    if (!high || (!rises && !this.options.repeatedHighPends)) return false;
    const busy = has(this.pending, source) || (has(this.claimed, source) && !this.options.raiseWhileClaimedPends);
    if (!busy) {
      put(this.pending, source, true);
      return true;
    }
    if (has(this.edge, source) && this.options.edges === 'count') this.waiting[source]!++;
    return false;
  }

  /** "Interrupt Claim Process": the IP bit falls, the gateway waits. */
  claim(source: number): void {
    put(this.pending, source, false);
    put(this.claimed, source, true);
  }

  /** The gateway hears that its request is done, and forwards what waits. Nothing happens for one that was not claimed. */
  complete(source: number): void {
    if (!has(this.claimed, source)) return;
    put(this.claimed, source, false);
    if (has(this.edge, source)) {
      if (this.waiting[source]! === 0) return;
      this.waiting[source]!--;
      put(this.pending, source, true);
    } else if (has(this.wires, source) && !this.options.completeForgetsLevel) {
      put(this.pending, source, true);
    }
  }
}
