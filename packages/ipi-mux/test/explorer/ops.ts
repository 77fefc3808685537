/** How an access orders others, as the suffixes of the kernel's atomics say it. */
export type Order = 'relaxed' | 'acquire' | 'release' | 'full';

/** One step of a program that others can see, or that the checker is to be told of. */
export type Op =
  | { readonly kind: 'read'; readonly loc: number; readonly order: Order }
  | { readonly kind: 'write'; readonly loc: number; readonly value: number; readonly order: Order }
  | { readonly kind: 'rmw'; readonly loc: number; readonly fn: 'or' | 'andNot' | 'xchg'; readonly arg: number; readonly order: Order }
  /** `io`: orders device accesses too. */
  | { readonly kind: 'fence'; readonly io: boolean }
  /** The doorbell of the target. */
  | { readonly kind: 'ring' }
  /** The target's parent interrupt is made quiescent. */
  | { readonly kind: 'clear' }
  /** Nothing: a moment at which others may run. */
  | { readonly kind: 'idle' }
  /** For the checker alone; no other program can tell when it happens. */
  | { readonly kind: 'note'; readonly what: 'handler' | 'masked' | 'unmasked'; readonly vipi: number };

/** What an RMW makes of a word. */
export function applied(fn: 'or' | 'andNot' | 'xchg', old: number, arg: number): number {
  if (fn === 'or') return old | arg;
  return fn === 'andNot' ? old & ~arg : arg | 0;
}

/** Thrown where a program has used up the results that it was given: the next step is somebody else's decision. */
export class Pause extends Error {
  constructor(readonly op: Op, readonly irqsOn: boolean) { super(op.kind); }
}
