import type { Execution } from '../graph/execution.ts';
import type { Model } from '../models/model.ts';
import { context, type Site } from '../program/sites.ts';
import { isIo, type Access, type FenceMark, type Trace } from '../program/trace.ts';
import type { Failure } from '../scene/explore-scene.ts';
import type { Registry } from '../scene/registry.ts';
import { missingOrders, type MissingOrder } from './missing-order.ts';
import { hex, KERNEL_NAMES, rowsOf, type Row } from './rows.ts';

/** One line of the table. */
interface Line { readonly id: number | null; readonly cells: readonly string[] }

const HEAD: readonly string[] = ['#', 'CPU', 'where', 'does', 'value from'];

/** A failing execution in full: what went wrong, who did what, which order was missing, what would restore it. */
export function explainFailure({ what, execution }: Failure, registry: Registry, model: Model): string {
  const shown = execution.telling();
  const name = (id: number): string => (shown.includes(id) ? `#${shown.indexOf(id) + 1}` : rowsOf(execution, registry)[id]!.by);
  const rows = rowsOf(execution, registry, name);
  const missing = missingOrders(execution, model);
  const first = execution.combination.first;
  const marked = new Set(missing.flatMap(({ cpu, before, after }) => [first[cpu]! + before, first[cpu]! + after]));
  const lines = execution.combination.traces.flatMap((trace, cpu) => linesOf(trace, cpu, first[cpu]!, rows, shown));
  return [
    `${what} (under ${model.name})`,
    ...deviceOrder(execution, registry, name),
    ...printed(lines, marked),
    'Rows are in each CPU\'s own order, not in time; > marks what is reordered.',
    ...missing.length > 0
      ? missing.map((order) => orderLine(order, execution, rows, name))
      : ['No barrier would forbid this: it is the steps themselves that are wrong, or their order.'],
  ].join('\n');
}

/** Accesses that tell something, and the barriers between the first and the last of them. */
function linesOf(trace: Trace, cpu: number, first: number, rows: readonly Row[], shown: readonly number[]): Line[] {
  const own = shown.filter((id) => id >= first && id < first + trace.accesses.length);
  const lines: Line[] = [];
  for (const id of own) {
    const from = lines.length === 0 ? id - first : own[own.indexOf(id) - 1]! - first;
    for (const fence of fencesIn(trace, from, id - first)) {
      lines.push({ id: null, cells: ['', context(cpu, fence.depth), fence.where ?? '', KERNEL_NAMES[fence.kind], ''] });
    }
    const { by, where, does, from: source } = rows[id]!;
    lines.push({ id, cells: [`${shown.indexOf(id) + 1}`, by, where, does, source] });
  }
  return lines;
}

/** Barriers of the code after one access and before another. */
function fencesIn({ fences }: Trace, after: number, before: number): FenceMark[] {
  return fences.filter(({ kind, at, csr }) => at > after && at <= before && kind !== 'trap' && kind !== 'barrier' && !csr);
}

function printed(lines: readonly Line[], marked: ReadonlySet<number>): string[] {
  const table = [HEAD, ...lines.map(({ cells }) => cells)];
  const widths = HEAD.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  return table.map((cells, index) => {
    const id = index === 0 ? null : lines[index - 1]!.id;
    const [number, ...rest] = cells.map((cell, column) => (column === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[column]!)));
    return `${id !== null && marked.has(id) ? '>' : ' '} ${number}  ${rest.join('  ')}`.trimEnd();
  });
}

/** In which order writes reached each device: that is what a lost doorbell hangs on. */
function deviceOrder({ co, combination: { accesses } }: Execution, registry: Registry, name: (id: number) => string): string[] {
  return co.flatMap((order, loc) => {
    if (registry.kinds[loc] !== 'io' || order.length < 2) return [];
    return [`${registry.names[loc]} takes effect in the order ${order.map((id) => `${hex(accesses[id]!.written)} (${name(id)})`).join(', ')}.`];
  });
}

function orderLine({ cpu, before, after, barrier, instead, partners }: MissingOrder, execution: Execution, rows: readonly Row[], name: (id: number) => string): string {
  const trace = execution.combination.traces[cpu]!;
  const first = execution.combination.first[cpu]!;
  const said = (index: number): string => `${name(first + index)} (${rows[first + index]!.does})`;
  const or = instead === null ? '' : `, or ${instead}`;
  const pair = partners.map(({ by, what, where }: Site) => `${what}${where === '' ? '' : ` (${where})`} of ${by.join(', ')}`).join(' and ');
  const idle = fencesIn(trace, before, after).map((fence) => uselessFence(fence, trace, before, after));
  return [
    `Nothing makes ${said(after)} wait for ${said(before)}: ${KERNEL_NAMES[barrier]} between them would${or}${pair === '' ? '' : `; it pairs with ${pair}`}.`,
    ...idle,
  ].join(' ');
}

/** Why a barrier that stands between the two does not help. */
function uselessFence({ kind, where, at }: FenceMark, { accesses }: Trace, before: number, after: number): string {
  const stands = `The ${KERNEL_NAMES[kind]} there${where === null ? '' : ` (${where})`}`;
  if (kind === 'after_atomic' && !accesses.slice(0, at).some((access) => access.kind === 'rmw')) return `${stands} comes after no atomic, so it orders nothing.`;
  const device = (access: Access | undefined): boolean => access !== undefined && isIo(access);
  if (device(accesses[before]) || device(accesses[after])) return `${stands} orders memory, and one of the two is a device.`;
  return `${stands} is too weak for these two.`;
}
