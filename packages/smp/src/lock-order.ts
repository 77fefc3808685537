import type { Diagnostics } from './diagnostics.ts';
import type { Spinlock } from './spinlock.ts';

/** What lockdep knows: which locks each CPU holds, and which lock was ever taken inside which. */
export class LockOrder {
  /** By CPU, the lock that it took last and still holds; the ones before it hang on each other. */
  readonly innermost: (Spinlock | null)[];
  /** Lock -> those that were taken while it was held. */
  private readonly inside = new WeakMap<Spinlock, Set<Spinlock>>();

  constructor(nrCpus: number, private readonly diagnostics: Diagnostics) {
    this.innermost = new Array<Spinlock | null>(nrCpus).fill(null);
  }

  /** `cpu` takes `lock` while it holds `outer`: reports an order that is the reverse of one seen before. */
  nest(cpu: number, outer: Spinlock, lock: Spinlock): void {
    let after = this.inside.get(outer);
    if (after === undefined) this.inside.set(outer, after = new Set());
    if (after.has(lock)) return;
    if (this.reaches(lock, outer, new Set())) {
      this.diagnostics.report('lock-order', `CPU${cpu} takes ${lock.name} inside ${outer.name}; elsewhere ${outer.name} is taken inside ${lock.name}, and two CPUs that do so at once wait for ever. Take them in one order.`);
    }
    after.add(lock);
  }

  /** Reports what `cpu` has taken since `before` was its innermost lock, and not released: asked at the end of a hard interrupt. */
  reportTakenSince(cpu: number, before: Spinlock | null): void {
    // Without `before` in it, what is held was taken earlier: the interrupt released a lock of the task.
    const names = this.innermost[cpu]?.namesUpTo(before) ?? [];
    if (names.length > 0) this.diagnostics.report('lock-order', `CPU${cpu} still holds ${names.join(', ')} at the end of a hard interrupt that took it: release it on every way out, with unlock() or unlockIrqrestore().`);
  }

  /**
   * Reports every lock that is still held, and by which CPU: asked when nothing runs any more, at the end of a test. Any context.
   * @kernel debug_check_no_locks_held
   */
  reportHeld(): void {
    for (const [cpu, innermost] of this.innermost.entries()) {
      if (innermost !== null) this.diagnostics.report('lock-order', `CPU${cpu} still holds ${innermost.namesUpTo(null)!.join(', ')}: whoever took it, a handler or a chip callback perhaps, did not release it. Use unlock() or unlockIrqrestore() on every way out.`);
    }
  }

  /** Whether `to` was ever taken inside `from`, directly or through others. */
  private reaches(from: Spinlock, to: Spinlock, seen: Set<Spinlock>): boolean {
    if (seen.has(from)) return false;
    seen.add(from);
    for (const next of this.inside.get(from) ?? []) if (next === to || this.reaches(next, to, seen)) return true;
    return false;
  }
}
