import type { Execution } from '../graph/execution.ts';
import type { Model } from '../models/model.ts';
import { context, type Site } from '../program/sites.ts';
import type { Access, FenceKind } from '../program/trace.ts';
import type { Failure } from '../scene/explore-scene.ts';
import type { Registry } from '../scene/registry.ts';
import { missingOrders, type MissingOrder } from './missing-order.ts';

const KERNEL: Readonly<Record<FenceKind, string>> = {
  mb: 'smp_mb()', rmb: 'smp_rmb()', wmb: 'smp_wmb()', io_mb: 'mb()', before_atomic: 'smp_mb__before_atomic()', after_atomic: 'smp_mb__after_atomic()',
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

/** The accesses of an execution, CPU by CPU, by their number. */
export function rowsOf(execution: Execution, registry: Registry): Row[] {
  const { accesses, thread } = execution.combination;
  return accesses.map((access, id) => ({
    id,
    by: context(thread[id]!, access.depth),
    where: access.where ?? '',
    does: doing(access, registry.names[access.loc]!),
    from: sourceOf(execution, id),
  }));
}

function hex(value: number | undefined): string {
  const bits = (value ?? 0) >>> 0;
  return bits < 10 ? String(bits) : `0x${bits.toString(16)}`;
}

function doing({ kind, read, written, order, ordered, trap }: Access, name: string): string {
  const marked = order === 'once' || order === 'relaxed' ? '' : `, ${order}`;
  switch (kind) {
    case 'io_read': return `${trap ? 'is interrupted by' : 'reads'} ${name} = ${hex(read)}`;
    case 'io_write': return `writes ${name} = ${hex(written)}${ordered ? ' (writel)' : ''}`;
    case 'io_rmw': return `swaps ${name}: ${hex(read)} -> ${hex(written)}`;
    case 'write': case 'unlock': return `writes ${name} = ${hex(written)}${marked}`;
    case 'rmw': case 'lock': return `changes ${name}: ${hex(read)} -> ${hex(written ?? read)}${marked}`;
    default: return `reads ${name} = ${hex(read)}${marked}`;
  }
}

function sourceOf({ combination: { accesses, thread }, rf }: Execution, id: number): string {
  if (accesses[id]!.read === undefined) return '';
  const source = rf[id]!;
  if (source < 0) return 'initial value';
  return `from ${context(thread[source]!, accesses[source]!.depth)}${accesses[source]!.where === null ? '' : ` ${accesses[source]!.where}`}`;
}

/** A failing execution in full: what went wrong, who did what, which order was missing, what would restore it. */
export function explainFailure({ what, execution }: Failure, registry: Registry, model: Model): string {
  const rows = rowsOf(execution, registry);
  const shown = execution.telling().map((id) => rows[id]!);
  const widths = (['by', 'where', 'does'] as const).map((column) => Math.max(...shown.map((row) => row[column].length)));
  const lines = shown.map(({ by, where, does, from }) => `  ${by.padEnd(widths[0]!)}  ${where.padEnd(widths[1]!)}  ${does.padEnd(widths[2]!)}  ${from}`.trimEnd());
  return [`${what} (${model.name})`, ...lines, ...deviceOrder(execution, registry), ...orderLines(execution, model, rows)].join('\n');
}

/** In which order writes reached each device: that is what a lost doorbell hangs on. */
function deviceOrder({ co, combination: { accesses, thread } }: Execution, registry: Registry): string[] {
  return co.flatMap((order, loc) => {
    if (registry.kinds[loc] !== 'io' || order.length < 2) return [];
    return [`  ${registry.names[loc]} takes effect in the order ${order.map((id) => `${hex(accesses[id]!.written)} (${context(thread[id]!, accesses[id]!.depth)})`).join(', ')}`];
  });
}

function orderLines(execution: Execution, model: Model, rows: readonly Row[]): string[] {
  const missing = missingOrders(execution, model);
  if (missing.length === 0) return ['No barrier would forbid this: every order of these accesses that keeps each CPU\'s own can end so. The steps themselves are in the wrong order.'];
  return missing.map((order) => orderLine(order, execution, rows));
}

function orderLine({ cpu, before, after, barrier, partners }: MissingOrder, execution: Execution, rows: readonly Row[]): string {
  const first = execution.combination.first[cpu]!;
  const at = (index: number): string => `"${rows[first + index]!.does}"${rows[first + index]!.where === '' ? '' : ` (${rows[first + index]!.where})`}`;
  const together = partners.length === 0 ? '' : `, which pairs with ${partners.map(({ by, what, where }: Site) => `${what}${where === '' ? '' : ` (${where})`} of ${by.join(', ')}`).join(' and ')}`;
  return `Lost order: nothing makes ${at(after)} of ${rows[first + after]!.by} wait for ${at(before)}. ${KERNEL[barrier]} between them would${together}.`;
}
