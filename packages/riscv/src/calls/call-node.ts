import type { SharedWords, Smp } from '@irqchip/smp';

/** Runs on the CPU that was called, hard irq context or with interrupts off. @kernel smp_call_func_t */
export type SmpCallFunc = (info: unknown) => void;

/** Bits of a node's flags word. LOCK: queued or running, its owner must not touch it. @kernel CSD_FLAG_LOCK */
export const CSD = { LOCK: 0x01, TYPE_MASK: 0x30, TYPE_ASYNC: 0x00, TYPE_SYNC: 0x10, TYPE_IRQ_WORK: 0x20 } as const;

const FLAGS = 0;
const NEXT = 1;

/**
 * What one CPU hands to another: a function with its argument, and the words that both touch. `fn` and `info` are written
 * by the owner before the node is pushed and read by the taker after it was popped; the words order the two.
 * @kernel __call_single_data
 */
export class CallNode {
  fn: SmpCallFunc | null = null;
  info: unknown = null;
  private readonly words: SharedWords;

  constructor(readonly id: number, smp: Smp, name: string) {
    this.words = smp.memory.words(`${name} ${id}`, 2);
  }

  get flags(): number { return this.words.readOnce(FLAGS); }

  /** Pairs with {@link unlock}: the owner sees what the call did before it was unlocked. */
  flagsAcquire(): number { return this.words.loadAcquire(FLAGS); }

  set flags(value: number) { this.words.writeOnce(FLAGS, value); }

  /** Gives the node back. Pairs with {@link flagsAcquire}. @kernel csd_unlock */
  unlock(): void { this.words.storeRelease(FLAGS, 0); }

  /** Fully ordered. */
  fetchOrFlags(bits: number): number { return this.words.fetchOr(FLAGS, bits); }

  /** Fully ordered. */
  cmpxchgFlags(expected: number, value: number): number { return this.words.cmpxchg(FLAGS, expected, value); }

  get next(): number { return this.words.readOnce(NEXT); }

  set next(id: number) { this.words.writeOnce(NEXT, id); }
}

/** Every node of one machine, by id; ids start at 1, so that 0 ends a list. */
export class CallNodes {
  private readonly nodes: (CallNode | null)[] = [null];

  constructor(private readonly smp: Smp) {}

  make(name: string): CallNode {
    const node = new CallNode(this.nodes.length, this.smp, name);
    this.nodes.push(node);
    return node;
  }

  /** The node with that id; null for 0. */
  get(id: number): CallNode | null { return this.nodes[id]!; }
}
