import type { Execution, Model } from '@irqchip/litmus';
import { fencesBetween, type Trace } from '@irqchip/litmus/internals';
import { context } from '../program/sites.ts';
import type { Failure } from '../scene/explore-scene.ts';
import type { Registry } from '../scene/registry.ts';
import { adviceOf } from './advice.ts';
import { missingOrders } from './missing-order.ts';
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
    ...deviceOrder(execution, registry, name, (loc) => missing.length === 0 || [...marked].some((id) => execution.combination.accesses[id]!.loc === loc)),
    ...printed(lines, marked),
    `Rows are in each CPU's own order, not in time${missing.length > 0 ? '; > marks what is reordered' : ''}.`,
    ...adviceOf(missing, { execution, registry, model, rows, name }),
  ].join('\n');
}

/** Accesses that tell something, and the barriers between the first and the last of them. */
function linesOf(trace: Trace, cpu: number, first: number, rows: readonly Row[], shown: readonly number[]): Line[] {
  const own = shown.filter((id) => id >= first && id < first + trace.accesses.length);
  const lines: Line[] = [];
  for (const id of own) {
    const from = lines.length === 0 ? id - first : own[own.indexOf(id) - 1]! - first;
    for (const fence of fencesBetween(trace, from, id - first)) {
      lines.push({ id: null, cells: ['', context(cpu, fence.depth), fence.where ?? '', KERNEL_NAMES[fence.kind], ''] });
    }
    const { by, where, does, from: source } = rows[id]!;
    lines.push({ id, cells: [`${shown.indexOf(id) + 1}`, by, where, does, source] });
  }
  return lines;
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

/** In which order writes reached each device: that is what a lost doorbell hangs on. What is erased is told of those that matter. */
function deviceOrder({ co, rf, combination: { accesses } }: Execution, registry: Registry, name: (id: number) => string, matters: (loc: number) => boolean): string[] {
  // What raised the interrupts that were taken.
  const heard = new Set(accesses.flatMap(({ trap }, id) => (trap ? [rf[id]!] : [])));
  return co.flatMap((order, loc) => {
    if (registry.kinds[loc] !== 'io' || order.length < 2) return [];
    const interrupts = matters(loc) && accesses.some((access) => access.trap && access.loc === loc);
    const erased = order.flatMap((id, index) => {
      const next = order[index + 1];
      const lost = interrupts && next !== undefined && accesses[id]!.written !== 0 && accesses[next]!.written === 0 && !heard.has(id);
      return lost ? [`${name(next)} erases ${name(id)} before it interrupts`] : [];
    });
    const writes = order.map((id) => `${hex(accesses[id]!.written)} (${name(id)})`).join(', ');
    return [`Writes reach ${registry.names[loc]} in the order ${writes}${erased.length > 0 ? `: ${erased.join(', ')}` : ''}.`];
  });
}
