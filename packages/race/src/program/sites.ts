import { type Access, type FenceMark, isIo, type Trace } from '@irqchip/litmus/internals';

/** A place in the code that orders something: a barrier, or an access that is more than relaxed. */
export interface Site {
  /** Who runs it: `CPU0`, or `CPU0 irq` in an interrupt. */
  readonly by: readonly string[];
  readonly where: string;
  /** `smp_mb__after_atomic`, `fetch_or_release`, `writel`, … */
  readonly what: string;
}

const BARRIERS: Readonly<Record<FenceMark['kind'], string>> = {
  mb: 'smp_mb', rmb: 'smp_rmb', wmb: 'smp_wmb', io_mb: 'mb', io_rmb: 'rmb', io_wmb: 'wmb', before_atomic: 'smp_mb__before_atomic', after_atomic: 'smp_mb__after_atomic',
  after_spinlock: 'smp_mb__after_spinlock', after_unlock_lock: 'smp_mb__after_unlock_lock', barrier: 'barrier', trap: 'taking the interrupt',
};

function nameOfAccess({ kind, order, ordered }: Access): string | null {
  if (kind === 'io_write') return ordered ? 'writel' : null;
  if (kind === 'rmw' && order !== 'relaxed') return order === 'full' ? 'fully ordered atomic' : `atomic, ${order}`;
  if (kind === 'read' && order === 'acquire') return 'smp_load_acquire';
  if (kind === 'write' && order === 'release') return 'smp_store_release';
  return null;
}

/** A key that tells sites apart. */
export function siteKey({ where, what }: Pick<Site, 'where' | 'what'>): string { return `${where} ${what}`; }

/** Every ordering place of a run; with `traps`, also what taking an interrupt orders, which no code can leave out. */
export function sitesOf(trace: Trace, cpu: number, traps = false): Site[] {
  const fences = trace.fences.filter(({ kind }) => kind !== 'barrier' && (traps || kind !== 'trap'))
    .map((fence) => ({ by: [context(cpu, fence.depth)], where: fence.where ?? '', what: fenceName(fence) }));
  const accesses = trace.accesses.flatMap((access) => {
    const what = nameOfAccess(access);
    return what === null ? [] : [{ by: [context(cpu, access.depth)], where: access.where ?? '', what }];
  });
  return [...fences, ...accesses];
}

/** Who runs something: a CPU's task, or its interrupt. */
export function context(cpu: number, depth: number): string { return `CPU${cpu}${depth > 0 ? ' irq' : ''}${depth > 1 ? ` ${depth}` : ''}`; }

function fenceName({ kind, csr }: FenceMark): string { return csr ? 'CSR write' : BARRIERS[kind]; }

/** The run without what these sites order. */
export function weaken(trace: Trace, gone: ReadonlySet<string>): Trace {
  const isGone = (where: string | null, what: string): boolean => gone.has(siteKey({ where: where ?? '', what }));
  return {
    ...trace,
    derived: new Map(),
    fences: trace.fences.filter((fence) => !isGone(fence.where, fenceName(fence))),
    accesses: trace.accesses.map((access) => {
      const what = nameOfAccess(access);
      if (what === null || !isGone(access.where, what)) return access;
      return { ...access, order: access.kind === 'rmw' ? 'relaxed' as const : 'once' as const, ordered: isIo(access) ? false : access.ordered };
    }),
  };
}

/** The run with these two of its accesses kept in order, and nothing else. */
export function impose(trace: Trace, before: number, after: number): Trace {
  return { ...trace, derived: new Map(), imposed: [...(trace.imposed ?? []), [before, after]] };
}

/** The run with one more barrier, before the access of this number. */
export function strengthen(trace: Trace, kind: FenceMark['kind'], at: number): Trace {
  return { ...trace, derived: new Map(), fences: [...trace.fences, { kind, at, where: null, depth: 0, csr: false }] };
}
