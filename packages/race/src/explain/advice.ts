import type { Execution, Model } from '@irqchip/litmus';
import { type Access, type FenceKind, type FenceMark, fencesBetween, isIo, learns, type Trace, writes } from '@irqchip/litmus/internals';
import type { Site } from '../program/sites.ts';
import type { Registry } from '../scene/registry.ts';
import type { MissingOrder } from './missing-order.ts';
import { KERNEL_NAMES, type Row } from './rows.ts';

/** What a table is made of, which the advice under it refers to. */
export interface Told {
  readonly execution: Execution;
  readonly registry: Registry;
  readonly model: Model;
  readonly rows: readonly Row[];
  /** The number that an access is shown under. */
  readonly name: (id: number) => string;
}

/** The two accesses that swap, in words. */
interface Pair { readonly trace: Trace; readonly first: Access; readonly second: Access; readonly names: readonly [first: string, second: string] }

/** What is missing and what would mend it, as lines of text. */
export function adviceOf(missing: readonly MissingOrder[], told: Told): string[] {
  if (missing.length === 0) return ['No barrier would forbid this: it is the steps themselves that are wrong, or their order.'];
  const each = missing.flatMap((order) => orderLines(order, told));
  if (missing.length === 1) return each;
  return [missing[0]!.together ? `It takes ${missing.length === 2 ? 'both' : `all ${missing.length}`} of these:` : 'Any one of these forbids this execution:', ...each];
}

function orderLines(order: MissingOrder, { execution: { combination }, registry, model, rows, name }: Told): string[] {
  const { cpu, before, after, barrier, instead, partners } = order;
  const trace = combination.traces[cpu]!;
  const first = combination.first[cpu]!;
  const names = [name(first + before), name(first + after)] as const;
  const pair: Pair = { trace, first: trace.accesses[before]!, second: trace.accesses[after]!, names };
  const fences = fencesBetween(trace, before, after);
  const notes = fences.length > 0 ? fences.map((fence) => uselessFence(fence, pair)) : uselessForms(pair);
  const cure = `Add ${KERNEL_NAMES[barrier]} ${placeBetween(pair)}${instead === null ? '' : `, or make ${name(first + instead.at)} ${instead.form}`}`;
  return [
    [`Nothing keeps ${names[1]} (${rows[first + after]!.does}) from overtaking ${names[0]} (${rows[first + before]!.does}).`, ...notes].join(' '),
    [`${cure}${partners.length === 0 ? '' : `; it pairs with ${partners.map(partner).join(' and ')}`}.`, ...memoryAlone(order, pair, model, registry)].join(' '),
  ];
}

function placeBetween({ first, second, names }: Pair): string {
  if (first.where !== null && second.where !== null && first.where !== second.where) return `between ${first.where} and ${second.where}`;
  const place = first.where !== null && first.where === second.where ? ` (${first.where})` : first.where !== null ? ` (after ${first.where})` : second.where !== null ? ` (before ${second.where})` : '';
  return `between ${names[0]} and ${names[1]}${place}`;
}

function partner({ by, what, where }: Site): string {
  const whose = by.map((who) => who.replace(' irq', '\'s interrupt')).join(' and ');
  if (what === 'taking the interrupt') return `the taking of ${whose}`;
  const named = /^\w+$/.test(what) ? `${what}()` : `the ${what.replace(/^atomic, (\w+)$/, '$1 atomic')}`;
  return `${named}${where === '' ? '' : ` (${where})`} of ${whose}`;
}

/** Why a barrier that stands between the two does not help. */
function uselessFence({ kind, where, at }: FenceMark, { trace: { accesses }, first, second, names }: Pair): string {
  const stands = `The ${KERNEL_NAMES[kind]} there${where === null ? '' : ` (${where})`}`;
  if (kind === 'after_atomic' && !accesses.slice(0, at).some((access) => access.kind === 'rmw')) return `${stands} comes after no atomic, so it orders nothing.`;
  const reachesDevices = kind === 'io_rmb' || kind === 'io_wmb';
  if (!reachesDevices && (isIo(first) || isIo(second))) return `${stands} orders memory, and one of the two is a device.`;
  const other = (does: (access: Access) => boolean): string => (does(first) ? names[0] : names[1]);
  if ((kind === 'rmb' || kind === 'io_rmb') && (writes(first) || writes(second))) return `${stands} orders reads alone, and ${other(writes)} writes.`;
  if ((kind === 'wmb' || kind === 'io_wmb') && (learns(first) || learns(second))) return `${stands} orders writes alone, and ${other(learns)} reads.`;
  return `${stands} is too weak for these two.`;
}

/** Why what the two accesses order by themselves does not help. */
function uselessForms({ first, second, names }: Pair): string[] {
  const notes: string[] = [];
  const before = first.kind === 'io_write' && first.ordered ? 'a writel()' : first.order === 'release' ? 'a release' : null;
  if (before !== null) notes.push(`${names[0]} is ${before}, which orders what comes before it, nothing after.`);
  if (second.order === 'acquire') notes.push(`${names[1]} is an acquire, which orders what comes after it, nothing before.`);
  const full = [first, second].findIndex(({ kind, order }) => kind === 'rmw' && order === 'full');
  if (full >= 0 && isIo(full === 0 ? second : first)) notes.push(`${names[full]!} is fully ordered, but that orders memory alone.`);
  return notes;
}

/** The barrier that does the same for devices, too. */
const REACHES_DEVICES: Partial<Readonly<Record<FenceKind, FenceKind>>> = { rmb: 'io_rmb', wmb: 'io_wmb', mb: 'io_mb' };

/** What is enough where devices are memory reaches none that is apart from it. */
function memoryAlone({ barrier }: MissingOrder, { first, second }: Pair, model: Model, registry: Registry): string[] {
  const device = [first, second].find(isIo);
  const reaching = REACHES_DEVICES[barrier];
  if (device === undefined || reaching === undefined) return [];
  return [`${model.name} takes ${registry.names[device.loc]} for memory: ${KERNEL_NAMES[barrier]} does not reach devices, ${KERNEL_NAMES[reaching]} does.`];
}
