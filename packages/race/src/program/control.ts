import type { Access, Trace } from './trace.ts';

/**
 * Control dependencies of code that runs as it is, worked out from its runs: an access depends on a read when, had that read
 * returned another value and all before it the same, no run would have made the access. A condition on which nothing
 * hinges is no dependency; arithmetic is not followed, which can only add executions.
 */
export function withControl(traces: readonly Trace[]): Trace[] {
  const root = new Node();
  for (const trace of traces) root.add(trace, 0);
  return traces.map((trace) => annotate(root, trace));
}

/** Runs that are alike up to some access. */
class Node {
  /** By what the next access is, its value included. */
  private readonly children = new Map<string, Node>();
  /** By what the next access is but for the value that it reads: all values. */
  readonly siblings = new Map<string, Set<Node>>();
  /** What some run makes from here on, and how often. */
  readonly ahead = new Map<string, number>();

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

function annotate(root: Node, trace: Trace): Trace {
  const { accesses } = trace;
  const ctrl = accesses.map((access) => access.ctrl);
  let node = root;
  accesses.forEach((access, at) => {
    const chosen = node.next(access);
    const others = access.read === undefined ? [] : [...node.siblings.get(shapeOf(access))!].filter((other) => other !== chosen);
    if (others.length > 0) markDependents(accesses, at, others, ctrl);
    node = chosen;
  });
  return { ...trace, accesses: accesses.map((access, at) => ({ ...access, ctrl: ctrl[at]!, ctrlPast: ctrl[at]! })), derived: new Map() };
}

/** Later accesses that some other value of the read at `at` would have left out. */
function markDependents(accesses: readonly Access[], at: number, others: readonly Node[], ctrl: number[]): void {
  const counts = new Map<string, number>();
  for (let later = at + 1; later < accesses.length; later++) {
    const shape = shapeOf(accesses[later]!);
    const count = (counts.get(shape) ?? 0) + 1;
    counts.set(shape, count);
    if (others.some((other) => (other.ahead.get(shape) ?? 0) < count)) ctrl[later]! |= 1 << at;
  }
}
