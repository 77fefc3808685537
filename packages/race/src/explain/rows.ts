import type { Execution } from '@irqchip/litmus';
import type { Access, FenceKind } from '@irqchip/litmus/internals';
import { context } from '../program/sites.ts';
import type { Registry } from '../scene/registry.ts';

/** The kernel's names of barriers. */
export const KERNEL_NAMES: Readonly<Record<FenceKind, string>> = {
  mb: 'smp_mb()', rmb: 'smp_rmb()', wmb: 'smp_wmb()', io_mb: 'mb()', io_rmb: 'rmb()', io_wmb: 'wmb()', before_atomic: 'smp_mb__before_atomic()', after_atomic: 'smp_mb__after_atomic()',
  after_spinlock: 'smp_mb__after_spinlock()', after_unlock_lock: 'smp_mb__after_unlock_lock()', barrier: 'barrier()', trap: 'interrupt entry',
};

/** One access as a row. */
export interface Row {
  readonly id: number;
  readonly by: string;
  readonly where: string;
  readonly does: string;
  readonly from: string;
}

/** The accesses of an execution, CPU by CPU, by their number; `names` gives the number that each is shown under. */
export function rowsOf(execution: Execution, registry: Registry, names: (id: number) => string = String): Row[] {
  const { accesses, thread } = execution.combination;
  return accesses.map((access, id) => ({
    id,
    by: context(thread[id]!, access.depth),
    where: access.where ?? '',
    does: doing(access, registry.names[access.loc]!),
    from: sourceOf(execution, id, names),
  }));
}

export function hex(value: number | undefined): string {
  const bits = (value ?? 0) >>> 0;
  return bits < 10 ? String(bits) : `0x${bits.toString(16)}`;
}

/** What an access does, and how strong it is. */
function doing({ kind, read, written, order, ordered, bits, trap, csr }: Access, name: string): string {
  const strength = order === 'once' ? '' : `, ${order === 'full' ? 'fully ordered' : order}`;
  switch (kind) {
    case 'io_read': return `${trap ? 'is interrupted by' : 'reads'} ${name} = ${hex(read)}`;
    case 'io_write': return `${bits ? `${bits.how}s ${hex(bits.bits)} in ${name}: ${hex(read)} -> ${hex(written)}` : `writes ${name} = ${hex(written)}`}${csr ? '' : ordered ? ', writel' : ', relaxed'}`;
    case 'io_rmw': return `swaps ${name}: ${hex(read)} -> ${hex(written)}`;
    case 'write': case 'unlock': return `writes ${name} = ${hex(written)}${strength}`;
    case 'rmw': case 'lock': return `changes ${name}: ${hex(read)} -> ${hex(written ?? read)}${strength}`;
    default: return `reads ${name} = ${hex(read)}${strength}`;
  }
}

function sourceOf({ combination: { accesses }, rf }: Execution, id: number, names: (id: number) => string): string {
  if (accesses[id]!.read === undefined) return '';
  return rf[id]! < 0 ? 'initial' : names(rf[id]!);
}
