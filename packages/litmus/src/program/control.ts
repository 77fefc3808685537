import type { Access, Trace } from './trace.ts';

/** The accesses of a run with these choices whose access of this number reads that value; null for none. */
export type WhatIf = (path: readonly number[], access: number, value: number) => readonly Access[] | null;

/** What a read is asked about where nobody writes anything else: all bits off, all on. */
const OTHERWISE = [0, -1];

/**
 * Control dependencies of code that runs as it is, worked out from its runs: an access depends on a read when, had that read
 * returned another value and all before it the same, no run would have made the access. A condition on which nothing
 * hinges is no dependency; arithmetic is not followed, which can only add executions.
 */
export function withControl(traces: readonly Trace[], whatIf: WhatIf): Trace[] {
  const root = new Node();
  for (const trace of traces) root.add(trace, 0);
  return traces.map((trace) => annotate(root, trace, whatIf));
}

/** How often each kind of access is made. */
type Ahead = ReadonlyMap<string, number>;

/** Runs that are alike up to some access. */
class Node {
  /** By what the next access is, its value included. */
  private readonly children = new Map<string, Node>();
  /** By what the next access is but for the value that it reads: all values. */
  readonly siblings = new Map<string, Set<Node>>();
  /** What some run makes from here on, and how often. */
  readonly ahead = new Map<string, number>();
  /** Had the access before this read something else: what would be made, once for each such value. */
  otherwise: readonly Ahead[] | null = null;

  add({ accesses }: Trace, from: number): void {
    const counts = new Map<string, number>();
    for (let at = from; at < accesses.length; at++) {
      const shape = shapeOf(accesses[at]!);
      const count = (counts.get(shape) ?? 0) + 1;
      counts.set(shape, count);
      if (count > (this.ahead.get(shape) ?? 0)) this.ahead.set(shape, count);
    }
    const access = accesses[from];
    if (!access) return;
    const child = this.child(access);
    child.add({ accesses } as Trace, from + 1);
  }

  next(access: Access): Node { return this.children.get(keyOf(access))!; }

  private child(access: Access): Node {
    const key = keyOf(access);
    let child = this.children.get(key);
    if (!child) {
      this.children.set(key, (child = new Node()));
      const shape = shapeOf(access);
      const same = this.siblings.get(shape) ?? new Set<Node>();
      this.siblings.set(shape, same.add(child));
    }
    return child;
  }
}

function shapeOf({ kind, loc, depth }: Access): string { return `${kind} ${loc} ${depth}`; }

function keyOf(access: Access): string { return `${shapeOf(access)} ${access.read} ${access.written} ${access.order}`; }

function annotate(root: Node, trace: Trace, whatIf: WhatIf): Trace {
  const { accesses } = trace;
  const ctrl = accesses.map((access) => access.ctrl);
  let node = root;
  accesses.forEach((access, at) => {
    const chosen = node.next(access);
    if (access.read !== undefined && !access.trap) {
      const others = [...node.siblings.get(shapeOf(access))!].filter((other) => other !== chosen).map(({ ahead }) => ahead);
      if (others.length === 0) chosen.otherwise ??= imagined(trace, at, whatIf);
      markDependents(accesses, at, others.length > 0 ? others : chosen.otherwise!, ctrl);
    }
    node = chosen;
  });
  return { ...trace, accesses: accesses.map((access, at) => ({ ...access, ctrl: ctrl[at]!, ctrlPast: ctrl[at]! })), derived: new Map() };
}

/** Nobody writes anything else there, which the code cannot know. */
function imagined({ accesses, path }: Trace, at: number, whatIf: WhatIf): Ahead[] {
  return OTHERWISE.filter((value) => value !== accesses[at]!.read).flatMap((value) => {
    const made = whatIf(path.slice(0, accesses[at]!.choices), at, value);
    return made === null ? [] : [count(made.slice(at + 1))];
  });
}

function count(accesses: readonly Access[]): Ahead {
  const counts = new Map<string, number>();
  for (const access of accesses) counts.set(shapeOf(access), (counts.get(shapeOf(access)) ?? 0) + 1);
  return counts;
}

/** Later accesses that some other value of the read at `at` would have left out. */
function markDependents(accesses: readonly Access[], at: number, others: readonly Ahead[], ctrl: number[]): void {
  const counts = new Map<string, number>();
  for (let later = at + 1; later < accesses.length; later++) {
    const shape = shapeOf(accesses[later]!);
    const number = (counts.get(shape) ?? 0) + 1;
    counts.set(shape, number);
    if (others.some((other) => (other.get(shape) ?? 0) < number)) ctrl[later]! |= 1 << at;
  }
}
