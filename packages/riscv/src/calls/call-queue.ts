import type { SharedWords, Smp } from '@irqchip/smp';
import type { CallNode, CallNodes } from './call-node.ts';

/** One lock-free list a CPU: anybody pushes, the CPU itself takes everything. @kernel llist_head */
export class CallQueue {
  private readonly heads: SharedWords;

  constructor(smp: Smp, private readonly nodes: CallNodes, name: string) {
    this.heads = smp.memory.words(name, smp.cpus.nrCpuIds);
  }

  /** Whether anything waits on `cpu`. @kernel llist_empty */
  isEmpty(cpu: number): boolean { return this.heads.readOnce(cpu) === 0; }

  /** Returns whether the list was empty: only then must the taker be told. Any context. @kernel llist_add */
  push(cpu: number, node: CallNode): boolean {
    let first = this.heads.readOnce(cpu);
    for (;;) {
      node.next = first;
      // Fully ordered: the node's contents are there before it can be found. Pairs with the xchg in takeAll().
      const seen = this.heads.cmpxchg(cpu, first, node.id);
      if (seen === first) return first === 0;
      first = seen;
    }
  }

  /** Empties the list and returns its oldest node, linked towards newer ones. @kernel llist_del_all */
  takeAll(cpu: number): CallNode | null {
    // Pairs with the cmpxchg in push(): what was pushed is complete, and a push after this finds an empty list and tells us.
    let node = this.nodes.get(this.heads.xchg(cpu, 0));
    let newer = 0;
    while (node !== null) {
      const older: number = node.next;
      node.next = newer;
      newer = node.id;
      if (older === 0) return node;
      node = this.nodes.get(older);
    }
    return null;
  }
}
